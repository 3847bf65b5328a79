// What the claims must say for this verifier (RFC 9068 section 4, RFC 8725 sections 3.8 and 3.9). Identifiers are compared
// character by character: no case folding, no trailing slash forgiven, no URL parsing.

import { TokenError } from '../errors.ts'
import type { TokenClaims } from './token-claims.ts'

export interface ClaimRules {
  readonly issuer: string
  readonly audience: string
  readonly maxLifetimeSeconds: number
  readonly clockToleranceSeconds: number
}

const MAX_AUDIENCES = 16

/**
 * Issuers' clocks run ahead of ours, and a token is used in the moment it is made: `iat` and `nbf` may lie this far in
 * the future (FAPI 2.0 Security Profile asks receivers for 10 s). It never makes a token live longer.
 */
const ISSUER_AHEAD_SECONDS = 10

/** What never changes for a token: issuer, audience, lifetime. */
export function checkIdentity(claims: TokenClaims, rules: ClaimRules): void {
  for (const problem of identityProblems(claims, rules)) throw problem
}

/** Everything that is wrong with them, in the order of the checks. A rule that is left out is not asked. */
export function* identityProblems(claims: TokenClaims, rules: Partial<ClaimRules>): Generator<TokenError> {
  const { issuer, audience, maxLifetimeSeconds = Number.POSITIVE_INFINITY } = rules
  if (issuer !== undefined && claims.iss !== issuer) {
    yield new TokenError('ERR_TOKEN_ISSUER', undefined, {
      member: 'iss',
      expected: issuer,
      found: claims.iss,
      hint: issuerHint(issuer, claims.iss),
    })
  }
  const audiences = typeof claims.aud === 'string' ? [claims.aud] : claims.aud
  if (audiences.length > MAX_AUDIENCES) yield new TokenError('ERR_TOKEN_AUDIENCES', undefined, { member: 'aud' })
  if (audience !== undefined && !audiences.includes(audience)) {
    yield new TokenError('ERR_TOKEN_AUDIENCE', undefined, {
      member: 'aud',
      expected: audience,
      found: audiences.slice(0, MAX_AUDIENCES).join(' '),
      hint: 'ask the issuer for a token with the `audience` of this service',
    })
  }
  if (claims.exp <= claims.iat) yield new TokenError('ERR_TOKEN_TIMES', undefined, { member: 'exp' })
  if (claims.exp - claims.iat > maxLifetimeSeconds) {
    yield new TokenError('ERR_TOKEN_LIFETIME', undefined, { member: 'exp' })
  }
}

/** What must be asked on every use. The moment of `exp` is expired. The tolerance is applied once, here. */
export function checkTimes(claims: TokenClaims, rules: Pick<ClaimRules, 'clockToleranceSeconds'>, now: number): void {
  // Written so that a clock that gives NaN refuses.
  if (!(now < claims.exp + rules.clockToleranceSeconds)) {
    throw new TokenError('ERR_TOKEN_EXPIRED', undefined, { member: 'exp' })
  }
  const latest = now + Math.max(rules.clockToleranceSeconds, ISSUER_AHEAD_SECONDS)
  if (claims.nbf !== undefined && claims.nbf > latest) throw ahead('ERR_TOKEN_NOT_YET', 'nbf', claims.nbf - now)
  if (claims.iat > latest) throw ahead('ERR_TOKEN_ISSUED_AHEAD', 'iat', claims.iat - now)
}

/** A token cannot come from the future: the distance is the least by which the two clocks differ. */
function ahead(
  code: 'ERR_TOKEN_NOT_YET' | 'ERR_TOKEN_ISSUED_AHEAD',
  member: 'nbf' | 'iat',
  seconds: number,
): TokenError {
  const skewSeconds = Math.ceil(seconds)
  return new TokenError(code, undefined, {
    member,
    skewSeconds,
    hint: `\`${member}\` is ${skewSeconds} s ahead of this clock: set the clocks of issuer and service by NTP`,
  })
}

function issuerHint(expected: string, found: string): string {
  const isSlash = expected.replace(/\/$/, '') === found.replace(/\/$/, '')
  return isSlash
    ? 'they differ by the slash at the end alone: set `issuer` to what stands in `iss`, byte for byte'
    : '`issuer` must be what stands in `iss`, byte for byte'
}
