// Limits on what a token's claims, or the grant set that it names, may hold. They bound the work of reading one, whoever signed it.

import type { ClaimsErrorCode } from './errors.ts'

export const CLAIMS_LIMITS = {
  /** Grants of one token, over all grantees. */
  grants: 2000,
  /** Distinct grantees of one token. */
  grantees: 256,
  /** Memberships of one type. */
  memberships: 2000,
  /** UTF-16 units of one entity id. */
  idLength: 256,
  /** Grants of one set that a token names by reference, over all grantees. */
  setGrants: 10_000,
  /** Distinct grantees of one such set. */
  setGrantees: 2000,
  /** UTF-8 bytes of the text of one such set. */
  setBytes: 1_048_576,
} as const

/** How many grants may stand together, and the code for more. */
export interface GrantLimits {
  readonly grants: number
  readonly grantees: number
  readonly code: ClaimsErrorCode
}

export const IN_TOKEN: GrantLimits = {
  grants: CLAIMS_LIMITS.grants,
  grantees: CLAIMS_LIMITS.grantees,
  code: 'ERR_CLAIMS_GRANTS_LIMIT',
}

export const IN_SET: GrantLimits = {
  grants: CLAIMS_LIMITS.setGrants,
  grantees: CLAIMS_LIMITS.setGrantees,
  code: 'ERR_CLAIMS_GRANT_SET_LIMIT',
}
