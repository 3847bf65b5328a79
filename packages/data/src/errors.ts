// The one error of this package. A construct that has no exact translation is refused: a query that nearly means the policy
// would show rows that the policy denies.

import type { Span } from '@cardea/policy'

/** Every code of this package and what it means, one line each. docs/errors.md has the cause and the fix. */
export const DATA_ERRORS = {
  ERR_DATA_ARITHMETIC: 'a policy calculates with a column; SQL overflows in another way than Cedar',
  ERR_DATA_EXTENSION: 'a policy calls an extension function on a column',
  ERR_DATA_RECORD: 'a policy reads into a record of a row, or compares a whole record or set',
  ERR_DATA_REACHED: 'a policy reads an entity that is only reached through the row',
  ERR_DATA_PATTERN: 'a `like` pattern has too many parts for an exact translation',
  ERR_DATA_UNSUPPORTED: 'a policy uses an operator on a row in a way that has no exact translation',
  ERR_DATA_MAPPING: 'a mapping names an attribute that its entity type does not have',
  ERR_DATA_TEXT: 'a value is no well-formed Unicode text, and a database would change it',
  ERR_DATA_SIZE: 'a filter is too large for one query',
} as const

export type DataErrorCode = keyof typeof DATA_ERRORS

export interface DataErrorDetails {
  readonly span?: Span
  readonly hint?: string
  readonly cause?: unknown
}

/** A filter or a policy that has no exact query. `span` is the place in the policy, where it is known. */
export class DataError extends Error {
  override readonly name = 'DataError'
  readonly code: DataErrorCode
  readonly span: Span | undefined
  readonly hint: string | undefined

  constructor(code: DataErrorCode, message: string, details: DataErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.span = details.span
    this.hint = details.hint
  }
}
