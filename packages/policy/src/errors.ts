// The one error of this package. A deny is never an error; this is bad input to parsing, loading or compiling.

import type { Problem } from './problem.ts'

/** Every code of this package and what it means, one line each. docs/errors.md has the cause and the fix. */
export const POLICY_ERRORS = {
  ERR_POLICY_SOURCES: 'the policy sources have problems; see `problems`',
  // syntax
  ERR_POLICY_SYNTAX_TOKEN: 'a character is no part of Cedar',
  ERR_POLICY_SYNTAX_UNICODE: 'the text is no well-formed Unicode',
  ERR_POLICY_SYNTAX_STRING: 'a string is not closed',
  ERR_POLICY_SYNTAX_ESCAPE: 'an escape in a string means nothing',
  ERR_POLICY_SYNTAX_NUMBER: 'a number does not fit 64 bits, or has a fraction',
  ERR_POLICY_SYNTAX_UNEXPECTED: 'something stands where the grammar wants something else',
  ERR_POLICY_SYNTAX_SEMICOLON: 'a policy does not end with `;`, or with two',
  ERR_POLICY_SYNTAX_ANNOTATION: 'an annotation stands twice, or is written as in another language',
  ERR_POLICY_SYNTAX_EFFECT: 'a policy begins with a word other than `permit` and `forbid`',
  ERR_POLICY_SYNTAX_SCOPE: 'a scope lacks a part, or has one that is not allowed there',
  ERR_POLICY_SYNTAX_ACTION: 'the scope compares the action with an entity of another type',
  ERR_POLICY_SYNTAX_SLOT: 'a slot stands where none may',
  ERR_POLICY_SYNTAX_CONDITION:
    'a condition is empty, has no braces, or begins with a word other than `when` and `unless`',
  ERR_POLICY_SYNTAX_OPERATOR: 'an operator is written that Cedar does not have',
  ERR_POLICY_SYNTAX_CHAIN: 'relations like `<` and `in` follow each other without parentheses',
  ERR_POLICY_SYNTAX_UNARY: 'more than four `!` or `-` in a row',
  ERR_POLICY_SYNTAX_VARIABLE: 'a name is no variable',
  ERR_POLICY_SYNTAX_FUNCTION: 'something is called that is no function',
  ERR_POLICY_SYNTAX_METHOD: 'a method is called that does not exist',
  ERR_POLICY_SYNTAX_ARGUMENTS: 'a method has the wrong number of arguments',
  ERR_POLICY_SYNTAX_ATTRIBUTE: 'after `has` stands more than a name, a path or a string',
  ERR_POLICY_SYNTAX_PATTERN: 'after `like` stands more than a string',
  ERR_POLICY_SYNTAX_ENTITY: 'an entity or an entity type is malformed',
  ERR_POLICY_SYNTAX_RESERVED: 'a reserved word is used as a name',
  ERR_POLICY_SYNTAX_DUPLICATE_KEY: 'a record has a field twice',
  ERR_POLICY_SYNTAX_DUPLICATE_ID: 'two policies of a text have the same id',
  ERR_POLICY_SYNTAX_LIMIT_TEXT: 'a policy text is too large',
  ERR_POLICY_SYNTAX_LIMIT_TOKENS: 'a policy text has too many tokens',
  ERR_POLICY_SYNTAX_LIMIT_POLICIES: 'a policy text has too many policies',
  ERR_POLICY_SYNTAX_LIMIT_NESTING: 'an expression is nested too deeply',
  ERR_POLICY_SYNTAX_LIMIT_HEIGHT: 'an expression is too long a chain',
  ERR_POLICY_SYNTAX_LIMIT_STRING: 'a string is too long',
  ERR_POLICY_SYNTAX_LIMIT_PROBLEMS: 'a text has more problems than are collected',
  // values and entities
  ERR_POLICY_VALUE: 'a value is not a Cedar value, or not of the type that the schema says',
  ERR_POLICY_VALUE_LONG: 'a number is no 64-bit integer, or lost digits before it came here',
  ERR_POLICY_VALUE_DEPTH: 'a value is nested too deeply',
  ERR_POLICY_ENTITY: 'an entity in JSON has the wrong form',
  ERR_POLICY_ENTITY_DUPLICATE: 'an entity stands twice',
  ERR_POLICY_ENTITY_CYCLE: 'an entity is its own ancestor',
  ERR_POLICY_ENTITY_LIMIT: 'the entities have more ancestors, all together, than are kept',
  // schema, requests and rows
  ERR_POLICY_SCHEMA: 'a schema is wrong in itself',
  ERR_POLICY_ENTITY_TYPE: 'an entity is of a type that the schema does not have',
  ERR_POLICY_ENTITY_ATTRIBUTE:
    'an entity lacks an attribute, or has one that the schema does not have or not of that type',
  ERR_POLICY_ENTITY_ANCESTOR: 'an entity is in one of a type that the schema does not let it be in',
  ERR_POLICY_ENTITY_TAG: 'an entity has a tag that the schema does not have or not of that type',
  ERR_POLICY_ENTITY_ENUM: 'an entity has an id that its type does not enumerate',
  ERR_POLICY_REQUEST_ACTION: 'a request is for an action that the schema does not have',
  ERR_POLICY_REQUEST_PRINCIPAL: 'a request has a principal of a type that the action does not apply to',
  ERR_POLICY_REQUEST_RESOURCE: 'a request has a resource of a type that the action does not apply to',
  ERR_POLICY_REQUEST_CONTEXT: 'the context of a request is not what the action declares',
  ERR_POLICY_CONTEXT_RESERVED: 'a handler gave a context that only a guard may set',
  ERR_POLICY_MAPPING: 'a mapping of rows to entities does not fit the schema',
  ERR_POLICY_ROW_COLUMN: 'a row lacks a column that its mapping names',
  ERR_POLICY_ROW_NULL: 'a column is null that holds a required attribute, an id or tags',
  ERR_POLICY_ROW_VALUE: 'a column holds a value that is not of the type of its attribute',
  // checks of a program
  ERR_POLICY_DUPLICATE_ID: 'two policies or links have the same id',
  ERR_POLICY_DEPTH: 'an expression is nested too deeply',
  ERR_POLICY_LINK_TEMPLATE: 'a link names a template that does not exist, or a policy that is none',
  ERR_POLICY_LINK_SLOT: 'a link leaves a slot of its template empty, or fills one that the template has not',
  ERR_POLICY_ANNOTATION: 'an annotation has a value that means nothing',
  ERR_POLICY_GRANT_FORBID: 'a `forbid` template is offered as a grant',
  // encoded policies
  ERR_POLICY_ENCODING: 'encoded policies are malformed',
  ERR_POLICY_ENCODING_VERSION: 'encoded policies have another version than this release reads',
  ERR_POLICY_ENCODING_KIND: 'encoded policies have a node or a scope of unknown kind',
  ERR_POLICY_ENCODING_SPAN: 'encoded policies have a place outside of its text',
  ERR_POLICY_ENCODING_DEPTH: 'an expression or a value is nested too deeply to be encoded or decoded',
  // evaluation: in `Decision.errors` and in residuals, never thrown
  ERR_POLICY_EVALUATION_TYPE: 'an operand has another type than the operator takes',
  ERR_POLICY_EVALUATION_OVERFLOW: 'a result does not fit 64 bits',
  ERR_POLICY_EVALUATION_ENTITY: 'an attribute or tag of an entity was read that is not there',
  ERR_POLICY_EVALUATION_ATTRIBUTE: 'an attribute was read that is absent',
  ERR_POLICY_EVALUATION_TAG: 'a tag was read that is absent',
  ERR_POLICY_EVALUATION_ARITY: 'an extension function has the wrong number of arguments',
  ERR_POLICY_EVALUATION_LITERAL: 'a text is no `ip`, `decimal`, `datetime` or `duration`',
  ERR_POLICY_EVALUATION_INTERNAL: 'the evaluator failed; the request is denied',
} as const

export type PolicyErrorCode = keyof typeof POLICY_ERRORS

/** Bad input to the policy engine. `problems` holds every finding with its place, where there are places. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly code: PolicyErrorCode
  readonly hint: string | undefined
  readonly problems: readonly Problem[]

  constructor(code: PolicyErrorCode, message: string, details: PolicyErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
    this.problems = details.problems ?? []
  }
}

export interface PolicyErrorDetails {
  readonly hint?: string
  readonly problems?: readonly Problem[]
  readonly cause?: unknown
}

/** A problem that is an error, with what is known of it beyond its message. */
export function problem(
  code: PolicyErrorCode,
  message: string,
  {
    hint,
    ...rest
  }: Partial<Omit<Problem, 'severity' | 'code' | 'message' | 'hint'>> & { readonly hint?: string | undefined } = {},
): Problem {
  return { severity: 'error', code, message, ...(hint === undefined ? {} : { hint }), ...rest }
}
