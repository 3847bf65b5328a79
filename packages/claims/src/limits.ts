// Limits on what a token's claims may hold. They bound the work of reading one, whoever signed it.

export const CLAIMS_LIMITS = {
  /** Grants of one token, over all grantees. */
  grants: 2000,
  /** Distinct grantees of one token. */
  grantees: 256,
  /** Memberships of one type. */
  memberships: 2000,
  /** UTF-16 units of one entity id. */
  idLength: 256,
} as const
