// Grants that tokens name by reference, fetched when such a token is first met. Of tokens that name the same set one fetches it.
// What could not be had is not asked for again within a moment, so that an authority that comes back meets no storm.
//
// INVARIANT: a set is found under the tenant, the subject and the digest of a verified token, and says itself whose it is
// (`readPrincipal` compares): nothing that is remembered for one caller can serve another.

import { CLAIMS_LIMITS, grantsReference, openGrantSet, type OpenGrantSet } from '@cardea/claims'
import { FeedError } from '@cardea/feed'
import type { VerifiedToken } from '@cardea/token'
import { GuardError } from '../errors.ts'

export interface GrantSets {
  /** The set that the token names, if it is remembered. Throws `ERR_CLAIMS_GRANTS_REF`. */
  find(token: VerifiedToken): OpenGrantSet | undefined
  /** The same, fetched if need be. `text` is the token as it came. Throws `ERR_CLAIMS_GRANTS_REF`, `ERR_GUARD_GRANTS`. */
  load(token: VerifiedToken, text: string): Promise<OpenGrantSet>
  /** Stops what is under way. */
  close(): void
}

export interface GrantSetsOptions {
  /** Presents the token to the authority; gives at most so many bytes, within its time limit, or throws. */
  readonly fetchSet: (token: string, maxBytes: number, signal: AbortSignal) => Promise<Uint8Array>
  /** Unix seconds. */
  readonly now: () => number
  /** Grants remembered over all sets; at least as many as one set may hold. */
  readonly maxGrants: number
}

/** What an answer of 503 asks callers to wait is twice as long. */
const FAILED_SECONDS = 0.5
const MAX_FAILURES = 1000
/** So many sets are read at a time; each may be a megabyte. */
const MAX_UNDER_WAY = 64

interface Flight {
  readonly jti: string | undefined
  readonly result: Promise<OpenGrantSet>
}

interface Failure {
  /** Whose token was refused; `undefined` where it was not for the token. */
  readonly refused: string | undefined
  readonly untilSeconds: number
  readonly error: GuardError
}

/** Throws `ERR_GUARD_OPTIONS` for room that one set could exceed. */
export function createGrantSets({ fetchSet, now, maxGrants }: GrantSetsOptions): GrantSets {
  if (!(maxGrants >= CLAIMS_LIMITS.setGrants)) {
    throw new GuardError('ERR_GUARD_OPTIONS', '`grantCacheSize` is smaller than one set of grants may be', {
      hint: `at least ${CLAIMS_LIMITS.setGrants}`,
    })
  }
  // in the order of their last use
  const sets = new Map<string, OpenGrantSet>()
  let size = 0
  const flights = new Map<string, Flight>()
  const failures = new Map<string, Failure>()
  let underWay = 0
  const closing = new AbortController()

  function remember(key: string, set: OpenGrantSet): void {
    forget(key)
    sets.set(key, set)
    size += weightOf(set)
    for (const oldest of sets.keys()) {
      if (size <= maxGrants || oldest === key) break
      forget(oldest)
    }
  }

  function forget(key: string): void {
    const set = sets.get(key)
    if (set !== undefined && sets.delete(key)) size -= weightOf(set)
  }

  function use(key: string): OpenGrantSet | undefined {
    const set = sets.get(key)
    if (set === undefined) return undefined
    sets.delete(key)
    sets.set(key, set)
    return set
  }

  /** Nothing is asked while it would be answered as it was a moment ago. */
  function throwRecent(key: string, jti: string | undefined): void {
    const failure = failures.get(key)
    if (failure === undefined) return
    const { untilSeconds, refused, error } = failure
    // a clock that was set back does not prolong it
    if (now() >= untilSeconds || now() < untilSeconds - FAILED_SECONDS) failures.delete(key)
    else if (refused === undefined || refused === jti) throw error
  }

  function begin(key: string, digest: string, jti: string | undefined, text: string): Promise<OpenGrantSet> {
    if (underWay >= MAX_UNDER_WAY) throw failed(new Error('too many sets are being fetched'))
    underWay += 1
    const result = fetchOpened(digest, text)
      .then((set) => {
        failures.delete(key)
        remember(key, set)
        return set
      })
      .catch((cause: unknown) => {
        const error = failed(cause)
        if (failures.size >= MAX_FAILURES) failures.clear()
        const refused = isRefusal(error) ? jti : undefined
        failures.set(key, { refused, untilSeconds: now() + FAILED_SECONDS, error })
        throw error
      })
      .finally(() => {
        underWay -= 1
        if (flights.get(key)?.result === result) flights.delete(key)
      })
    flights.set(key, { jti, result })
    return result
  }

  async function fetchOpened(digest: string, text: string): Promise<OpenGrantSet> {
    const bytes = await fetchSet(text, CLAIMS_LIMITS.setBytes, closing.signal)
    return openGrantSet(bytes, digest)
  }

  return {
    find(token) {
      const digest = grantsReference(token.claims)
      return digest === undefined ? undefined : use(keyOf(token, digest))
    },
    async load(token, text) {
      const digest = grantsReference(token.claims)
      if (digest === undefined) throw new TypeError('a token that holds its grants has none to be fetched')
      const key = keyOf(token, digest)
      const known = use(key)
      if (known !== undefined) return known
      const { jti } = token.claims
      throwRecent(key, jti)
      const flight = flights.get(key)
      if (flight === undefined) return begin(key, digest, jti, text)
      try {
        return await flight.result
      } catch (error) {
        // the authority refused another token, which says nothing of this one
        if (flight.jti === jti || !isRefusal(error)) throw error
      }
      return use(key) ?? begin(key, digest, jti, text)
    },
    close: () => closing.abort(new Error('the guard was closed')),
  }
}

function keyOf({ claims: { tenant, sub } }: VerifiedToken, digest: string): string {
  return JSON.stringify([tenant ?? null, sub, digest])
}

/** An empty set takes room as well. */
function weightOf({ grants }: OpenGrantSet): number {
  return grants.length + 1
}

function failed(cause: unknown): GuardError {
  return new GuardError('ERR_GUARD_GRANTS', undefined, {
    cause,
    hint: 'is the authority reachable, and this guard enrolled for the audience?',
  })
}

/** It answered, and has nothing for this token: revoked there, expired, or unknown. */
function isRefusal(error: unknown): boolean {
  return error instanceof GuardError && error.cause instanceof FeedError && error.cause.status === 404
}
