// The centre, put together: store, keys, identity, publication, and the API before them. It can be stopped and started at any moment and
// loses nothing that it answered. On SQLite one process owns its file; on PostgreSQL any number of them share a database.

import { setTimeout as wait } from 'node:timers/promises'
import type { ServerType } from '@hono/node-server'
import { createRevocations, type Revocations } from '@cardea/feed'
import { createLocalKeys, type JsonWebKeySet } from '@cardea/token'
import { createValidator } from '@cardea/validate'
import type { Hono } from 'hono'
import type { Logger } from 'pino'
import { type Clock, createClock, systemClock } from './clock.ts'
import { createOwnNonces } from './dpop/own-nonces.ts'
import { createSharedReplay } from './dpop/shared-replay.ts'
import { OWN_TOKEN_SECONDS } from './endpoint/token/client-credentials.ts'
import { makeCheckpoint } from './endpoint/audit/make-checkpoint.ts'
import { createHeads } from './endpoint/feed/heads.ts'
import { createStreams } from './endpoint/feed/streams.ts'
import { createOpaBundles } from './endpoint/opa/opa-bundles.ts'
import { createFleet } from './endpoint/guards/fleet.ts'
import { createDecisionKeeper } from './endpoint/log/decision-keeper.ts'
import { createTurns } from './endpoint/opa/logs-turns.ts'
import { createOpaFleet } from './endpoint/opa/status-fleet.ts'
import { AuthorityError } from './errors.ts'
import { createAccess } from './http/access.ts'
import { createConnections } from './http/connections.ts'
import { createOwnDecisions } from './http/own-decisions.ts'
import { createApp } from './http/app.ts'
import type { AppEnvironment } from './http/context.ts'
import { closeServer, listen, type ListenAddress, type Listening } from './http/listen.ts'
import { loadTls } from './http/tls.ts'
import { createClientAssertions } from './identity/client-assertions.ts'
import { createClients } from './identity/clients.ts'
import { createDirectory } from './identity/directory.ts'
import { createProviders } from './identity/providers.ts'
import { createTestProvider, type SignInOptions } from './identity/test-provider.ts'
import { createKeyRing, type KeyRing } from './key/key-ring.ts'
import { createExternalVault } from './key/external-signer.ts'
import { createSealer, loadDevelopmentKey } from './key/seal.ts'
import { createSealedVault, type Vault } from './key/vault.ts'
import { createLog } from './log.ts'
import { type AuthorityOptions, checkOptions, type Settings } from './options.ts'
import { createOwnPolicy } from './own-policy/own-policy.ts'
import type { Parts } from './parts.ts'
import { createPublisher } from './publication/publisher.ts'
import { createService, type AuthorityService } from './service.ts'
import { isPostgres } from './store/location.ts'
import { newEpoch, openStore } from './store/open-store.ts'
import type { Store } from './store/store.ts'
import { untilDone } from './until-done.ts'

export interface Authority {
  /** `Request` in, `Response` out: for tests, and to mount into another server. */
  readonly app: Hono<AppEnvironment>
  readonly issuer: string
  /** What the API does, for callers in this process who need no token: the command, tests, the demo. */
  readonly service: AuthorityService
  /** The keys that sign bundles: what a guard pins. */
  bundleKeys(): JsonWebKeySet
  /** An ID token of a test user, to be exchanged. Errors: `ERR_AUTHORITY_NOT_FOUND` when there is no such test user. */
  signIn(user: string, clientId: string, options?: SignInOptions): Promise<string>
  listen(address: ListenAddress): Promise<Listening>
  /**
   * Hands over before an end: `/health` answers 503, event streams and questions that wait end and no new one is taken, so that guards and
   * OPAs go to another authority;
   * everything else is answered, each answer the last of its connection. Resolves after `drainSeconds`.
   */
  drain(): Promise<void>
  /** Ends the event streams, finishes what is under way and closes the database. */
  close(): Promise<void>
}

const HOUSEKEEPING_MILLISECONDS = 30_000
const KEPT_CHANGES_SECONDS = 86_400
/** Clocks of guards and authority may differ, and an entry must outlive every token. */
const MARGIN_SECONDS = 60
const POSTGRES_DRAIN_SECONDS = 5

/**
 * Starts an authority. Errors: `ERR_AUTHORITY_CONFIG`, `ERR_AUTHORITY_DEVELOPMENT_IN_PRODUCTION`,
 * `ERR_AUTHORITY_STORE_LOCKED`, `ERR_AUTHORITY_STORE_NEWER`, `ERR_AUTHORITY_STORE_UNAVAILABLE`, `ERR_AUTHORITY_STORE_UNSAFE`,
 * `ERR_AUTHORITY_KEY_SEALED`.
 */
export async function createAuthority(options: AuthorityOptions): Promise<Authority> {
  const settings = checkOptions(options, process.env['NODE_ENV'])
  const clock = createClock(options.now ?? systemClock)
  const { now } = clock
  const tls = await loadTls(settings.tls)
  const vault = openVault(settings, options.signer)
  const log = options.log ?? createLog()
  const store = await openStore({
    location: settings.store,
    now,
    newEpoch,
    failed: (error) => log.warn({ err: error }, 'the database did not answer'),
  })
  const validator = createValidator()
  try {
    return await assemble({ options, settings, tls, clock, vault, store, validator, log })
  } catch (error) {
    await validator.close()
    await store.close()
    throw error
  }
}

interface Assembly {
  readonly options: AuthorityOptions
  readonly settings: Settings
  readonly tls: Awaited<ReturnType<typeof loadTls>>
  readonly clock: Clock
  readonly vault: Vault
  readonly store: Store
  readonly validator: ReturnType<typeof createValidator>
  readonly log: Logger
}

async function assemble(assembly: Assembly): Promise<Authority> {
  const { options, settings, tls, clock, vault, store, validator, log } = assembly
  const { now, latest } = clock
  const longestSeconds =
    Math.max(OWN_TOKEN_SECONDS, ...settings.audiences.map(({ tokenSeconds }) => tokenSeconds)) + MARGIN_SECONDS
  const failed = (error: unknown): void => log.warn({ err: error }, 'no key could be made, or nothing signed')
  const rotateSeconds = settings.rotateKeysSeconds
  const keys = await createKeyRing({ store, vault, rotateSeconds, longestSeconds, now, latest, failed })

  if (settings.restored) await beginAnew(store, keys, now)
  const ownKeys = createLocalKeys(keys.publicKeys('access'))
  keys.onChange(() => ownKeys.replace(keys.publicKeys('access')))

  const testProvider = await createTestProvider(settings, now)
  const providers = [...settings.providers, ...(testProvider === undefined ? [] : [testProvider.provider])]
  const directory = createDirectory([...settings.directory, ...(testProvider?.people ?? [])])
  const longestSessionSeconds = Math.max(0, ...providers.map(({ sessionSeconds }) => sessionSeconds))
  const revocations = await followRevocations(store, () => now() - longestSessionSeconds)
  const publisher = await createPublisher({
    store,
    keys,
    validator,
    audiences: settings.audiences,
    settings,
    longestSeconds,
    bundleSeconds: settings.bundleSeconds,
    now,
  })

  // another authority may have made the change
  const refreshKeys = untilDone(() => keys.refresh(), log)
  const refreshPolicies = untilDone(() => publisher.refresh(), log)
  store.onChange(({ change }) => {
    if (change.kind === 'keys') refreshKeys()
    else if (change.kind === 'bundle') refreshPolicies()
  })

  const decisions = createOwnDecisions(store, now, log)

  const parts: Parts = {
    settings,
    store,
    keys,
    clients: createClients(store, settings.clients),
    clientAssertions: createClientAssertions({
      clients: settings.clients,
      issuer: settings.issuer,
      store,
      fetch: options.fetch ?? globalThis.fetch,
      now,
    }),
    connections: createConnections(settings),
    directory,
    providers: createProviders({ issuer: settings.issuer, providers, fetch: options.fetch ?? globalThis.fetch, now }),
    publisher,
    ownPolicy: createOwnPolicy(),
    knownTenants: new Set([...directory.tenants, ...providers.flatMap(({ tenants }) => Object.values(tenants))]),
    revocations,
    proofs: createSharedReplay({ store, latest }),
    nonces: createOwnNonces(settings, now),
    heads: createHeads(store),
    fleet: createFleet({ now, maxFollowers: 2 * settings.limits.streams }),
    opaFleet: createOpaFleet({ now, maxOpas: 2 * settings.limits.streams }),
    logTurns: createTurns(),
    decisionKeeper: createDecisionKeeper(store),
    decisions,
    longestSeconds,
    now,
    latest,
    log,
  }
  const streams = createStreams(parts)
  const opaBundles = createOpaBundles(parts)
  let isDraining = false
  const app = createApp({
    parts,
    access: await createAccess(parts, ownKeys),
    streams,
    opaBundles,
    isDraining: () => isDraining,
  })

  async function keepHouse(): Promise<void> {
    await keys.refresh()
    await publisher.refresh()
    await unlessNothingIsSigned(async () => {
      for (const { active: kid, purpose } of await keys.maintain())
        log.info({ kid, purpose }, 'a signing key was rotated')
      await publisher.activateDue()
      await publisher.renewAging()
    }, failed)
    const beforeSeconds = now() - Math.max(KEPT_CHANGES_SECONDS, longestSessionSeconds)
    await store.write((transaction) =>
      transaction.prune({
        nowSeconds: now(),
        revocationsBeforeSeconds: now() - longestSessionSeconds,
        changesBeforeSeconds: beforeSeconds,
        decisionsBeforeSeconds: now() - settings.limits.decisionDays * 86_400,
      }),
    )
    revocations.prune()
    await decisions.flush()
    await unlessNothingIsSigned(() => makeCheckpoint(parts), failed)
  }
  await keepHouse()
  const housekeeping = setInterval(() => {
    keepHouse().catch((error: unknown) => log.error({ err: error }, 'housekeeping failed'))
  }, HOUSEKEEPING_MILLISECONDS)
  housekeeping.unref()

  const servers = new Set<ServerType>()
  return {
    app,
    issuer: settings.issuer,
    service: createService(parts, keepHouse),
    bundleKeys: () => keys.publicKeys('bundle'),
    async signIn(user, clientId, signInOptions) {
      if (testProvider === undefined) throw new AuthorityError('ERR_AUTHORITY_NOT_FOUND', 'there are no test users')
      return testProvider.signIn(user, clientId, signInOptions)
    },
    listen: (address) => listen(address, { app, tls, servers }),
    async drain() {
      isDraining = true
      streams.close()
      opaBundles.close()
      const seconds = settings.drainSeconds ?? (isPostgres(settings.store) ? POSTGRES_DRAIN_SECONDS : 0)
      await wait(seconds * 1000, undefined, { ref: false })
    },
    async close() {
      clearInterval(housekeeping)
      streams.close()
      opaBundles.close()
      await Promise.all([...servers].map(closeServer))
      await decisions.flush().catch((error: unknown) => log.error({ err: error }, 'the last decisions were lost'))
      // what nobody vouches for yet is chained, and the next start vouches for it
      await makeCheckpoint(parts).catch((error: unknown) =>
        log.warn({ err: error }, 'the last records have no checkpoint yet'),
      )
      await validator.close()
      await store.close()
    },
  }
}

function openVault({ key, previousKeys, store, algorithm }: Settings, signer: AuthorityOptions['signer']): Vault {
  const sealed = (text: string): Vault => createSealedVault(createSealer(text, previousKeys), algorithm)
  if (signer === undefined) return sealed(key ?? loadDevelopmentKey(store))
  return createExternalVault(signer, key === undefined ? undefined : sealed(key), algorithm)
}

/** What waits for a signature is done the next time; the rest of the house is kept. */
async function unlessNothingIsSigned(work: () => Promise<void>, failed: (error: unknown) => void): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof AuthorityError) || error.code !== 'ERR_AUTHORITY_SIGNER') throw error
    failed(error)
  }
}

/**
 * After a restore the log has lost its tail: what was revoked there must not come back, so no old token counts, and no
 * sign-in from before: which refresh tokens were spent since is not known.
 */
async function beginAnew(store: Store, keys: KeyRing, now: () => number): Promise<void> {
  await store.write(async (transaction) => {
    await transaction.beginEpoch()
    await transaction.endSessions({}, now())
  })
  for (const { kid, purpose, state } of await keys.list()) {
    // no token from before may count, whatever it costs
    if (purpose === 'access' && (state === 'active' || state === 'retiring')) await keys.kill(kid, { outage: true })
  }
}

/** The revocations that matter here: loaded once, then followed. They outlast those of the feed, as a sign-in does a token. */
async function followRevocations(store: Store, now: () => number): Promise<Revocations> {
  const revocations = createRevocations({ now })
  store.onChange(({ change }, at) => {
    if (change.kind !== 'revocation') return
    const { key, revokedAtSeconds, expiresAtSeconds } = change
    revocations.add({ key, at, revokedAtSeconds, expiresAtSeconds })
  })
  for (const revocation of await store.read((view) => view.revocations(now()))) revocations.add(revocation)
  return revocations
}
