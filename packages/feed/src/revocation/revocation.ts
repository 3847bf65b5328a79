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

/** One text for each key, equal exactly when the keys are. Parts are JSON, so that no part can run into the next. */
export function revocationKeyText(key: RevocationKey): string {
  return JSON.stringify([key.kind, ...partsOf(key)])
}

function partsOf(key: RevocationKey): readonly string[] {
  switch (key.kind) {
    case 'token':
      return [key.iss, key.jti]
    case 'session':
      return [key.sid]
    case 'principal':
      return [key.tenant, key.sub]
    case 'client':
      return [key.clientId]
    case 'tenant':
      return [key.tenant]
    case 'key':
      return [key.kid]
    case 'grant':
      return [key.tenant, key.grantee, key.template, key.resource]
    case 'all':
      return []
    default:
      return key satisfies never
  }
}
