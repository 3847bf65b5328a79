// The proof that a token was verified. Only the verifier can make one.

import type { TokenHeader } from '../jws/header.ts'
import type { TokenClaims } from './token-claims.ts'

declare const verified: unique symbol

/**
 * A token whose signature, kind, issuer, audience and times were checked at the moment `verify` returned it. It says nothing
 * about revocation, binding or the time since. Deeply frozen.
 */
export interface VerifiedToken {
  readonly [verified]: true
  readonly header: TokenHeader
  readonly claims: TokenClaims
  /** `kid` of the key that verified it. */
  readonly keyId: string
}

const made = new WeakSet<object>()

/** For the verifier alone; not exported from the package. */
export function markVerified(parts: Omit<VerifiedToken, typeof verified>): VerifiedToken {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the brand is a type only, and this is its one maker
  const token = Object.freeze({ ...parts, header: Object.freeze({ ...parts.header }) }) as VerifiedToken
  made.add(token)
  return token
}

/** Whether a value came out of a verifier of this process, for those who were given it by way of untyped code. */
export function isVerifiedToken(value: unknown): value is VerifiedToken {
  return typeof value === 'object' && value !== null && made.has(value)
}
