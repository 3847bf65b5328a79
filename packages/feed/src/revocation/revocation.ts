// What can be revoked, and one entry of the log.

import type { Position } from '../position.ts'

/** What an entry takes away. `tenant` is `''` where there are no tenants. Grantee and resource are formatted references. */
export type RevocationKey =
  | { readonly kind: 'token'; readonly iss: string; readonly jti: string }
  | { readonly kind: 'session'; readonly sid: string }
  | { readonly kind: 'principal'; readonly tenant: string; readonly sub: string }
  | { readonly kind: 'client'; readonly clientId: string }
  | { readonly kind: 'tenant'; readonly tenant: string }
  | { readonly kind: 'key'; readonly kid: string }
  | {
      readonly kind: 'grant'
      readonly tenant: string
      readonly grantee: string
      readonly template: string
      readonly resource: string
    }
  | { readonly kind: 'all' }

export interface Revocation {
  readonly key: RevocationKey
  /** Where in the log it stands. Tokens from before it are touched, tokens from it on are not. */
  readonly at: Position
  readonly revokedAtSeconds: number
  /** From here on no token that it could touch is alive. */
  readonly expiresAtSeconds: number
}
