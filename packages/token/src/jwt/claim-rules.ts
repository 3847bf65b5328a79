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
  if (claims.iss !== rules.issuer) throw new TokenError('ERR_TOKEN_ISSUER', undefined, { member: 'iss' })
  const audiences = typeof claims.aud === 'string' ? [claims.aud] : claims.aud
  if (audiences.length > MAX_AUDIENCES) throw new TokenError('ERR_TOKEN_AUDIENCES', undefined, { member: 'aud' })
  if (!audiences.includes(rules.audience)) throw new TokenError('ERR_TOKEN_AUDIENCE', undefined, { member: 'aud' })
  if (claims.exp <= claims.iat) throw new TokenError('ERR_TOKEN_TIMES', undefined, { member: 'exp' })
  if (claims.exp - claims.iat > rules.maxLifetimeSeconds) {
    throw new TokenError('ERR_TOKEN_LIFETIME', undefined, { member: 'exp' })
  }
}

/** What must be asked on every use. The moment of `exp` is expired. The tolerance is applied once, here. */
export function checkTimes(claims: TokenClaims, rules: ClaimRules, now: number): void {
  // Written so that a clock that gives NaN refuses.
  if (!(now < claims.exp + rules.clockToleranceSeconds)) {
    throw new TokenError('ERR_TOKEN_EXPIRED', undefined, { member: 'exp' })
  }
  const latest = now + Math.max(rules.clockToleranceSeconds, ISSUER_AHEAD_SECONDS)
  if (claims.nbf !== undefined && claims.nbf > latest)
    throw new TokenError('ERR_TOKEN_NOT_YET', undefined, { member: 'nbf' })
  if (claims.iat > latest) throw new TokenError('ERR_TOKEN_ISSUED_AHEAD', undefined, { member: 'iat' })
}
