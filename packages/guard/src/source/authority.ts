// Policies, keys and revocations as the authority pushes them, and decisions sent back to it. A bundle that cannot be used leaves
// the one before it in force, and makes the news count as infinitely old: what it says is not known here.

import { randomUUID } from 'node:crypto'
import { readPrincipal } from '@cardea/claims'
import {
  type BreakGlassPlace,
  createAuthority,
  createFeedClient,
  createRecorder,
  createSpool,
  type FeedClient,
  type FeedError,
  loadBreakGlass,
  type OpenBundle,
  type Recorder,
} from '@cardea/feed'
import {
  createLocalKeys,
  createVerifier,
  type JsonWebKeySet,
  type KeySource,
  type LocalKeys,
  SIGNATURE_ALGORITHMS,
} from '@cardea/token'
import { systemMonotonic } from '../clock.ts'
import { createEdition, type Edition } from '../edition/edition.ts'
import { GuardError } from '../errors.ts'
import type { GuardLog } from '../log.ts'
import { createOperatorLog } from '../operator-log.ts'
import type { AuthorityOptions } from '../options.ts'
import type { Setting } from '../setting.ts'
import { type BreakGlassWatch, createBreakGlassWatch, NO_BREAK_GLASS } from './break-glass.ts'
import { createCredentials } from './client-credentials.ts'
import { logFeed, logRecording } from './feed-log.ts'
import { createGrantSets, type GrantSets } from './grant-sets.ts'
import { principalTypes, verifierOptions } from './handed-options.ts'
import { keysOf } from './keys-of.ts'
import { checkAudit, createRecording } from './recording.ts'
import type { Source } from './source.ts'

/** How long a request waits for news that its token or its caller has already seen. */
const CATCH_UP_MILLISECONDS = 250
const TIMEOUT_MILLISECONDS = 5000
/** A request waits for it. */
const GRANTS_TIMEOUT_MILLISECONDS = 2000
const GRANT_CACHE_SIZE = 200_000
/** A revocation is kept for the longest life of a token and this much longer; an older token must not count any more. */
const MAX_TOLERANCE_SECONDS = 60

/** Resolves when the first state is whole. Throws `ERR_GUARD_AUTHORITY`, `FeedError`. */
export async function createAuthoritySource(options: AuthorityOptions, setting: Setting): Promise<Source> {
  const { authority, audience, clockToleranceSeconds = 0, audit = {} } = options
  const { fetch, now, log, service, evaluator } = setting
  const operator = createOperatorLog({ log, now, ageSeconds: () => 0 })
  // one name for this start, in the fleet and in the log of decisions
  const start = randomUUID()
  if (clockToleranceSeconds > MAX_TOLERANCE_SECONDS) {
    throw new GuardError('ERR_GUARD_OPTIONS', '`clockToleranceSeconds` is larger than the feed keeps revocations for', {
      hint: `at most ${MAX_TOLERANCE_SECONDS} with an authority; set the clocks instead`,
    })
  }
  checkAudit(audit, new Set(Object.keys(options.schema.actions)))
  const credentials = createCredentials({ authority, client: options.client, fetch, now })
  const direct = createAuthority({
    url: authority,
    credentials,
    fetch,
    timeoutMilliseconds: GRANTS_TIMEOUT_MILLISECONDS,
  })
  const grantSets = createGrantSets({
    fetchSet: (token, maxBytes, signal) => direct.grantSet(token, maxBytes, signal),
    now: () => feed.now(),
    maxGrants: options.grantCacheSize ?? GRANT_CACHE_SIZE,
  })
  const bundleKeys = await bundleKeysOf(options, setting, credentials)
  const feed = createFeedClient({
    authority,
    audience,
    credentials,
    bundleKeys,
    // what is pinned is the configuration: each of those keys is bound to one algorithm
    algorithms: SIGNATURE_ALGORITHMS,
    evaluator,
    ...(options.stateFile === undefined ? {} : { state: { file: options.stateFile, client: options.client.id } }),
    start,
    fetch,
    now,
    monotonic: () => systemMonotonic() / 1000,
    log: (entry) => logFeed(log, operator, entry),
  })
  await feed.start().catch((cause: unknown) => {
    throw new GuardError('ERR_GUARD_AUTHORITY', undefined, { cause, hint: hintOf(cause) })
  })
  const { breakGlassFile } = options
  const breakGlass =
    breakGlassFile === undefined
      ? NO_BREAK_GLASS
      : createBreakGlassWatch({
          load: () => loadBreakGlass(breakGlassFile),
          keys: bundleKeys,
          place: () => placeOf(options, feed),
          schedule: setting.schedule,
          log,
          operator,
        })
  const onError = (error: FeedError): void => logRecording(operator, error)
  const { file, maxFileBytes: maxBytes } = audit
  const recorder = createRecorder({
    url: authority,
    credentials,
    service,
    start,
    fetch,
    now: () => feed.now(),
    onError,
    ...(file === undefined
      ? {}
      : { spool: createSpool({ file, onError, ...(maxBytes === undefined ? {} : { maxBytes }) }) }),
  })
  await breakGlass.look()
  const source = sourceOver({ feed, recorder, grantSets, options, log, breakGlass })
  const edition = source.edition()
  if (edition === undefined) {
    await source.close()
    throw new GuardError('ERR_GUARD_AUTHORITY', 'the policies of the authority cannot be used; see the log')
  }
  const unknown = Object.keys(options.schema.actions).filter((name) => edition.schema.action(name) === undefined)
  if (unknown.length > 0) log.warn('the policies in force do not know actions of this service', { actions: unknown })
  log.info('guarding by the policies of the authority', { authority, audience, revision: edition.revision })
  return source
}

async function bundleKeysOf(
  { authority, bundleKeys }: AuthorityOptions,
  { development, fetch, log }: Setting,
  credentials: () => Promise<string>,
): Promise<KeySource> {
  if (bundleKeys !== undefined) return keysOf(bundleKeys)
  if (!development) {
    throw new GuardError('ERR_GUARD_OPTIONS', '`bundleKeys` is required outside of development', {
      hint: "pin the keys that sign the authority's bundles: `authority.bundleKeys()`, or its `/v1/bundle-keys`",
    })
  }
  log.warn('the keys of bundles are not pinned: whoever answers at the address of the authority is believed')
  try {
    const headers = { authorization: `Bearer ${await credentials()}`, accept: 'application/json' }
    const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS)
    const response = await fetch(`${authority.replace(/\/$/, '')}/v1/bundle-keys`, {
      redirect: 'error',
      headers,
      signal,
    })
    if (response.status !== 200) throw new Error(`the answer has status ${response.status}`)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key room reads every member itself
    return createLocalKeys((await response.json()) as JsonWebKeySet)
  } catch (cause) {
    throw new GuardError('ERR_GUARD_AUTHORITY', 'the authority gave no keys of bundles', { cause })
  }
}

export interface AuthorityParts {
  readonly feed: FeedClient
  readonly recorder: Pick<Recorder, 'record' | 'keep' | 'close'>
  readonly grantSets: GrantSets
  readonly options: AuthorityOptions
  readonly log: GuardLog
  readonly breakGlass?: BreakGlassWatch
}

/** What a break-glass statement must be for. */
export function placeOf({ authority, audience, client }: AuthorityOptions, feed: FeedClient): BreakGlassPlace {
  const { epoch } = feed.state().position
  return { issuer: authority, audience, client: client.id, epoch, nowSeconds: feed.now() }
}

/** Joins a feed client that was started with a recorder. Exported for tests that bring their own. */
export function sourceOver(parts: AuthorityParts): Source {
  const { feed, recorder, grantSets, options, log, breakGlass = NO_BREAK_GLASS } = parts
  const keys = createLocalKeys(feed.state().keys)
  const editions = createEditions(log)
  // Before the first request, and before the next one: nobody waits for the making of an edition.
  editions.of(feed.state().bundle)
  feed.subscribe((change) => {
    if (change.kind === 'bundle') editions.of(change.bundle)
    if (change.kind === 'keys' || change.kind === 'snapshot') replaceKeys(keys, feed, log)
  })
  return {
    mode: 'authority',
    verifier: createVerifier({ ...verifierOptions(options), issuer: options.authority, keys, now: () => feed.now() }),
    now: () => feed.now(),
    edition: () => editions.of(feed.state().bundle),
    ageSeconds: () => (editions.isCurrent(feed.state().bundle) ? feed.ageSeconds() : Number.POSITIVE_INFINITY),
    breakGlass: (action) => breakGlass.covering(action),
    position: () => feed.state().position,
    get grantVersion() {
      return feed.state().revocations.grantVersion
    },
    serves: (tenant) => tenant === undefined || feed.state().tenants?.includes(tenant) !== false,
    isRevoked: (token) => feed.state().revocations.matchToken(token) !== undefined || breakGlass.isKilled(token),
    isGrantRevoked: (token, grant) => feed.state().revocations.matchGrant(token, grant) !== undefined,
    waitFor: (position) => feed.waitFor(position, CATCH_UP_MILLISECONDS),
    planOf: (claims, edition) => edition.plan(claims.plan ?? ''),
    grantSets,
    readPrincipal(claims, edition, grantSet) {
      const plan = edition.plan(claims.plan ?? '')
      if (plan === undefined) throw new TypeError('a token is read with the plan that it names')
      return readPrincipal(claims, { schema: edition.schema, plan, grantSet, ...principalTypes(options) })
    },
    subscribe(listener) {
      const unsubscribe = [feed.subscribe(listener), breakGlass.subscribe(listener)]
      return () => {
        for (const end of unsubscribe) end()
      }
    },
    record: createRecording(recorder, options.audit),
    async close() {
      breakGlass.close()
      grantSets.close()
      await recorder.close()
      await feed.close()
    },
  }
}

interface Editions {
  /** The edition of the bundle, or of the last one that could be used. */
  of(bundle: OpenBundle): Edition | undefined
  isCurrent(bundle: OpenBundle): boolean
}

/** Makes each bundle an edition once. */
function createEditions(log: GuardLog): Editions {
  let seen: OpenBundle | undefined
  let edition: Edition | undefined
  let isCurrent = false

  function look(bundle: OpenBundle): void {
    if (bundle === seen) return
    seen = bundle
    try {
      edition = editionOf(bundle)
      isCurrent = true
    } catch (error) {
      isCurrent = false
      const code = error instanceof GuardError ? error.code : undefined
      log.error('a bundle cannot be used; everything is denied until another one comes', {
        revision: bundle.content.revision,
        code,
        error: String(error),
      })
    }
  }

  return {
    of(bundle) {
      look(bundle)
      return edition
    },
    isCurrent(bundle) {
      look(bundle)
      return isCurrent
    },
  }
}

function editionOf({ content, program, schema }: OpenBundle): Edition {
  return createEdition({
    program,
    schema,
    sources: new Map(content.policies.map(({ file, text }) => [file, text])),
    plans: content.plans,
    revision: content.revision,
  })
}

/** A set that cannot be read leaves the present one, whose killed keys are revoked in the feed as well. */
function replaceKeys(keys: LocalKeys, feed: FeedClient, log: GuardLog): void {
  try {
    keys.replace(feed.state().keys)
  } catch (error) {
    log.error('the key set of the authority cannot be used', { error: String(error) })
  }
}

function hintOf(cause: unknown): string {
  const hint = cause instanceof Error && 'hint' in cause ? cause.hint : undefined
  return typeof hint === 'string' ? hint : 'is the authority running, and this guard enrolled for the audience?'
}
