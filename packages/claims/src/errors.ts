// The one error of this package: claims that cannot be packed or must not be believed. Messages never hold a claim's value.

/** Every code of this package and what it means, one line each. docs/errors.md has the cause and the fix. */
export const CLAIMS_ERRORS = {
  // plan
  ERR_CLAIMS_PLAN: 'the token was packed with another claims plan than the one it is read with',
  ERR_CLAIMS_PLAN_UNREACHABLE:
    'a policy reads what neither a token nor a loaded resource holds, so it would be silently false',
  // packing and reading
  ERR_CLAIMS_PRINCIPAL: 'the subject is missing, or is of a type that the schema does not have',
  ERR_CLAIMS_TENANT: 'the tenant is malformed, or a grant belongs to another tenant',
  ERR_CLAIMS_ATTRIBUTE: 'an attribute is not of the type that the schema says, or is not in the plan',
  ERR_CLAIMS_ATTRIBUTE_MISSING: 'an attribute that must be there is not, not even as explicitly absent',
  ERR_CLAIMS_GROUPS: 'the memberships are malformed, or of a type that is not in the plan',
  ERR_CLAIMS_GROUPS_MISSING: 'memberships that must be there are not, not even as explicitly empty',
  ERR_CLAIMS_GRANTS: 'the packed grants are malformed, not in canonical order, or name what the plan does not have',
  ERR_CLAIMS_GRANTS_LIMIT: 'there are more grants, or longer ids, than the limits allow',
  ERR_CLAIMS_GRANTS_REF:
    'the token names its grants by what is no digest, holds some as well, or is read where they cannot be fetched',
  ERR_CLAIMS_GRANT_SET: 'a grant set is malformed, not in its canonical text, or not the one that its digest names',
  ERR_CLAIMS_GRANT_SET_LIMIT: 'a grant set is larger than the limits allow',
  ERR_CLAIMS_GRANT_SET_OWNER: 'a grant set is of another issuer, audience, tenant or principal than the token',
  ERR_CLAIMS_TEMPLATE:
    'a grant names a template that the plan does not have: unknown, a `forbid`, or without both slots',
  ERR_CLAIMS_BUDGET: 'the token would be larger than its byte budget',
  // tokens of an identity provider
  ERR_CLAIMS_MAPPING: 'the claim mapping does not fit the schema',
  ERR_CLAIMS_MAPPING_ID: 'the claim mapping takes the id from a claim that people can change or pass on',
  ERR_CLAIMS_FOREIGN_MISSING: 'a claim that the mapping needs is missing from the token',
  ERR_CLAIMS_FOREIGN_VALUE: 'a claim that the mapping reads has the wrong form',
  ERR_CLAIMS_FOREIGN_OVERAGE: 'the provider left memberships out of the token and named another place for them',
} as const

export type ClaimsErrorCode = keyof typeof CLAIMS_ERRORS

export interface ClaimsErrorDetails {
  readonly hint?: string
  readonly cause?: unknown
  /** The name of the claim, attribute, type or template it is about; never a value. */
  readonly member?: string
  readonly sizeBytes?: number
  readonly maxTokenBytes?: number
}

/** Claims that were refused, and why. Safe to log. */
export class ClaimsError extends Error {
  override readonly name = 'ClaimsError'
  readonly code: ClaimsErrorCode
  readonly hint: string | undefined
  readonly member: string | undefined
  /** Of `ERR_CLAIMS_BUDGET`: what the token would weigh, and what it may. */
  readonly sizeBytes: number | undefined
  readonly maxTokenBytes: number | undefined

  constructor(code: ClaimsErrorCode, message: string = CLAIMS_ERRORS[code], details: ClaimsErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
    this.member = details.member
    this.sizeBytes = details.sizeBytes
    this.maxTokenBytes = details.maxTokenBytes
  }
}
