// What a revocation can touch: a token, or one grant in it.

import type { EntityUid } from '@cardea/policy'
import type { Ancestor } from '@cardea/token'

/** A verified token, as far as revocations care. */
export interface RevocableToken {
  readonly claims: RevocableClaims
  /** The key that signed it: the header's `kid`. */
  readonly keyId: string
}

export interface RevocableClaims {
  readonly iss: string
  readonly sub: string
  readonly iat: number
  readonly jti?: string
  readonly sid?: string
  readonly client_id?: string
  readonly tenant?: string
  readonly epoch?: string
  readonly seq?: number
  /** The tokens that it came of. */
  readonly derived_from?: readonly Ancestor[]
}

/** One grant in a token, as `@cardea/claims` reads it. */
export interface RevocableGrant {
  readonly tenant: string
  readonly grantee: EntityUid
  readonly template: string
  readonly resource: EntityUid
}

/** Whether an entry of this number in the log and of this moment touches the token at hand. */
export type Touches = (seq: number, revokedAtSeconds: number) => boolean
