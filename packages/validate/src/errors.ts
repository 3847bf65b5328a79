// Codes of this package. Findings about sources are problems with a code; the error class is for what is no finding.

import type { Problem } from '@cardea/policy'

/** Every code of this package and what it means, one line each. docs/errors.md has the cause and the fix. */
export const VALIDATE_ERRORS = {
  ERR_VALIDATE_SCHEMA: 'the schema is no valid Cedar schema',
  ERR_VALIDATE_SCHEMA_WARNING: 'the schema is valid and still doubtful',
  ERR_VALIDATE_SCHEMA_LIMIT: 'the schema is too large, too deeply nested, or expands to too much',
  ERR_VALIDATE_SCHEMA_ACTION: 'two actions have the same name outside of policies',
  ERR_VALIDATE_SCHEMA_CONTEXT: 'an action gives a reserved context another type than a guard sets',
  ERR_VALIDATE_SCHEMA_ANNOTATION: 'an annotation of the schema has a value that means nothing',
  ERR_VALIDATE_ENTITY_TYPE: 'a policy names an entity type that the schema does not have',
  ERR_VALIDATE_ACTION: 'a policy names an action that the schema does not have',
  ERR_VALIDATE_SCOPE: 'a scope fits no action of the schema, so that the policy never applies',
  ERR_VALIDATE_ATTRIBUTE: 'a policy reads an attribute that the schema does not have',
  ERR_VALIDATE_OPTIONAL: 'a policy reads an optional attribute or a tag without asking whether it is there',
  ERR_VALIDATE_TAG: 'a policy reads a tag of a type that has none',
  ERR_VALIDATE_TYPE: 'a value is of another type than an operator or a function takes',
  ERR_VALIDATE_INCOMPATIBLE: 'values of two types are compared or stand in one set',
  ERR_VALIDATE_ENUM: 'a policy names an entity that its type does not enumerate',
  ERR_VALIDATE_CALL: 'a function is called with what it cannot take',
  ERR_VALIDATE_POLICY: 'a policy does not fit the schema',
  ERR_VALIDATE_POLICY_WARNING: 'a policy fits the schema and is still doubtful',
  ERR_VALIDATE_POLICY_CRASH: 'the validator does not survive this policy',
  ERR_VALIDATE_ANNOTATION_NAME: 'an annotation has no effect, and is spelled almost like one that has',
  ERR_VALIDATE_ANNOTATION_PLACE: 'an annotation has no effect where it stands',
  ERR_VALIDATE_ID_MISSING: 'a policy has no `@id`',
  ERR_VALIDATE_ID_DUPLICATE: 'policies of two files have the same id',
  ERR_VALIDATE_NEVER_APPLIES: 'no request can meet a policy',
  ERR_VALIDATE_COVERED: 'all that a policy permits is forbidden by another',
  ERR_VALIDATE_SAME: 'two policies say the same',
  ERR_VALIDATE_UNLOADED: 'a policy reads of an entity that nobody loads',
  ERR_VALIDATE_UNMAPPED: 'a policy asks for what no claim and no column holds',
  ERR_VALIDATE_FORBID_TEMPLATE: 'a `forbid` has a slot, which no grant can fill',
  ERR_VALIDATE_SENSITIVE: 'a `@sensitive` action needs neither a second factor nor a grant that ends',
  ERR_VALIDATE_LINT: 'an annotation `@lint` silences nothing',
  ERR_VALIDATE_FILE_DUPLICATE: 'two sources have the same file name',
  ERR_VALIDATE_CRASH: 'the validator crashed, so nothing is known to be valid',
  ERR_VALIDATE_TIMEOUT: 'the validator took too long, so nothing is known to be valid',
  ERR_VALIDATE_CLOSED: 'the validator is closed',
} as const

export type ValidateErrorCode = keyof typeof VALIDATE_ERRORS

/** A validator that cannot be asked. What is wrong with sources is never thrown. */
export class ValidateError extends Error {
  override readonly name = 'ValidateError'
  readonly code: ValidateErrorCode
  readonly hint: string | undefined

  constructor(
    code: ValidateErrorCode,
    message: string,
    details: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
  }
}

/** A finding of this package. */
export function problemOf(
  code: ValidateErrorCode,
  message: string,
  details: Partial<Omit<Problem, 'code' | 'message'>> = {},
): Problem {
  return { severity: 'error', code, message, ...details }
}
