// What a token says: the claims plan, packed grants, and the way from claims to the principal.

export { checkBudget, tokenBytes, worstCaseBytes } from './budget.ts'
export type { BudgetOptions, WorstCase } from './budget.ts'
export { CLAIMS_ERRORS, ClaimsError } from './errors.ts'
export type { ClaimsErrorCode, ClaimsErrorDetails } from './errors.ts'
export { checkClaimMapping } from './foreign/claim-mapping.ts'
export type { ClaimMapping, ClaimPath, MembershipSource } from './foreign/claim-mapping.ts'
export { mapForeignClaims } from './foreign/map-foreign-claims.ts'
export { toAuthorizationDetails } from './grant/authorization-details.ts'
export type { AuthorizationDetail } from './grant/authorization-details.ts'
export { grantId, grantLinks } from './grant/grant.ts'
export type { Grant } from './grant/grant.ts'
export { grantsReference, openGrantSet, packGrantSet } from './grant/grant-set.ts'
export type { GrantSet, GrantSetOwner, NamingClaims, OpenGrantSet } from './grant/grant-set.ts'
export type { IdList } from './grant/id-list.ts'
export { narrowGrants } from './grant/narrow-grants.ts'
export type { GrantLimit } from './grant/narrow-grants.ts'
export { packGrants } from './grant/pack-grants.ts'
export type { PackedGrantee, PackedGrants, PackedGroup } from './grant/pack-grants.ts'
export { unpackGrants } from './grant/unpack-grants.ts'
export { CLAIMS_LIMITS } from './limits.ts'
export { createPlan, requirementsByAction } from './plan/create-plan.ts'
export type { PlanInput } from './plan/create-plan.ts'
export { unionPlans } from './plan/plan.ts'
export type { ClaimsPlan, PlannedAncestor, PlannedAttribute, PlannedPrincipal } from './plan/plan.ts'
export { planCovers } from './plan/plan-covers.ts'
export type { PrincipalFacts } from './principal/facts.ts'
export { unpackGroups } from './principal/groups.ts'
export { packPrincipal, packPrincipalByReference } from './principal/pack-principal.ts'
export type {
  GrantPlace,
  PrincipalByReference,
  PrincipalClaims,
  PrincipalInput,
  ReferringClaims,
} from './principal/pack-principal.ts'
export { principalOf, readPrincipal } from './principal/read-principal.ts'
export type { ReadableClaims, ReadOptions } from './principal/read-principal.ts'
