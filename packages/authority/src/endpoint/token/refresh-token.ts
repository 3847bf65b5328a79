// Refresh tokens as texts (RFC 6749 section 1.5): 256 random bits that mean nothing to whoever holds them. The store keeps
// the SHA-256 digest; with that many bits a fast digest is enough.
//
// A successor is made from the token it replaces and a random salt, so that the same one can be made again for a retry while
// the store holds nothing but the salt (docs/decisions/refresh-tokens.md).

import { createHash, createHmac, randomBytes } from 'node:crypto'

const BYTES = 32
/** So that a scanner for secrets, and a reader of a log that should not hold one, knows what it is. */
const PREFIX = 'cardea_rt_'
const FORM = /^cardea_rt_[A-Za-z0-9_-]{43}$/

export function makeRefreshToken(): string {
  return PREFIX + randomBytes(BYTES).toString('base64url')
}

export function makeSalt(): string {
  return randomBytes(BYTES).toString('base64url')
}

/** The token that replaces this one: always the same with the same salt, and unknown to whoever lacks either. */
export function successorOf(token: string, salt: string): string {
  return PREFIX + createHmac('sha256', token).update(salt).digest('base64url')
}

/** The digest of the text as it stands: another spelling of the same bits is another token, which nobody has. */
export function hashRefreshToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

export function isRefreshToken(text: string): boolean {
  return FORM.test(text)
}
