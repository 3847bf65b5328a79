// Policies from a folder or a built bundle and tokens from an identity provider: no server of ours. There are no news to follow, so staleness and
// the revocation of single grants do not apply; the start-up line says so.

import { checkClaimMapping, mapForeignClaims, readPrincipal } from '@cardea/claims'
import type { Revocations } from '@cardea/feed'
import { createRemoteKeys, createVerifier, type KeySource } from '@cardea/token'
import type { Schedule } from '../clock.ts'
import type { Edition } from '../edition/edition.ts'
import type { StandaloneOptions } from '../options.ts'
import type { Setting } from '../setting.ts'
import { discoverKeys } from './discovery.ts'
import { keysOf } from './keys-of.ts'
import type { Source } from './source.ts'
import { loadEdition } from './standalone-edition.ts'
import { causeText, createOperatorLog } from '../operator-log.ts'
import { createNumbering } from '../record.ts'
import { principalTypes, verifierOptions } from './handed-options.ts'

/**
 * Throws `ERR_GUARD_POLICY_FOLDER`, `ERR_GUARD_POLICY_DIGEST` (in production), `ERR_GUARD_ANNOTATION`, `ERR_GUARD_DISCOVERY`,
 * `PolicyError` with all problems of the policies, `FeedError` for a bundle, and `ClaimsError` for a claim mapping that does not fit.
 */
export async function createStandaloneSource(options: StandaloneOptions, setting: Setting): Promise<Source> {
  const edition = await loadEdition(options, setting)
  if (options.claims !== undefined) checkClaimMapping(options.claims, edition.schema)
  const keys = await issuerKeys(options, setting)
  setting.log.info(
    'guarding by policies from files: news are not followed, so staleness and single grants are not checked',
    {
      policies: edition.program.policies.length,
      issuer: options.issuer,
      audience: options.audience,
    },
  )
  return createSource(options, setting, edition, keys)
}

function createSource(options: StandaloneOptions, setting: Setting, edition: Edition, keys: KeySource): Source {
  const { claims: mapping, revocations } = options
  const { now } = setting
  return {
    mode: 'standalone',
    verifier: createVerifier({ ...verifierOptions(options), issuer: options.issuer, keys, now }),
    now,
    edition: () => edition,
    ageSeconds: () => 0,
    breakGlass: () => undefined,
    position: () => undefined,
    get grantVersion() {
      return revocations?.grantVersion ?? 0
    },
    serves: () => true,
    isRevoked: (token) => revocations?.matchToken(token) !== undefined,
    isGrantRevoked: (token, grant) => revocations?.matchGrant(token, grant) !== undefined,
    waitFor: () => Promise.resolve(true),
    // a token of ours that names grants is refused by its reader; of a provider's own token no grants are read at all
    grantSets: undefined,
    planOf: (claims, edition) => (mapping === undefined ? edition.plan(claims.plan ?? '') : 'none'),
    readPrincipal(claims, edition) {
      const { schema } = edition
      if (mapping !== undefined) return mapForeignClaims(mapping, claims, schema)
      const plan = edition.plan(claims.plan ?? '')
      if (plan === undefined) throw new TypeError('a token is read with the plan that it names')
      return readPrincipal(claims, { schema, plan, ...principalTypes(options) })
    },
    subscribe: (listener) => (revocations === undefined ? () => {} : watch(revocations, setting.schedule, listener)),
    record: createNumbering({ service: setting.service, start: setting.createId(), now }),
    close: () => Promise.resolve(),
  }
}

const WATCH_MILLISECONDS = 1000

/** Revocations that somebody else keeps say that they changed, but not when. */
function watch(revocations: Revocations, schedule: Schedule, listener: () => void): () => void {
  let { version } = revocations
  let cancel = schedule(WATCH_MILLISECONDS, look)
  return () => cancel()

  function look(): void {
    cancel = schedule(WATCH_MILLISECONDS, look)
    if (revocations.version === version) return
    version = revocations.version
    listener()
  }
}

async function issuerKeys({ keys, issuer }: StandaloneOptions, { fetch, now, log }: Setting): Promise<KeySource> {
  if (keys !== undefined && !('jwksUri' in keys)) return keysOf(keys)
  const operator = createOperatorLog({ log, now, ageSeconds: () => 0 })
  const url = keys === undefined ? await discoverKeys(issuer, fetch) : keys.jwksUri
  return createRemoteKeys({
    url,
    fetch,
    now,
    onFailure: (error) =>
      operator.warn(error.code, 'the key set could not be fetched', {
        code: error.code,
        // a query may hold somebody's key
        url: url.split('?')[0],
        cause: causeText(error.cause),
        hint: 'check that this machine reaches it; until it can, the last good set serves for an hour',
      }),
  })
}
