// What is refused before Cedar reads it. Its parser is recursive, and deep nesting breaks the instance.

import type { Problem } from '@cardea/policy'
import { problemOf } from '../errors.ts'

export interface SchemaLimits {
  /** UTF-16 code units of the text. */
  readonly textLength: number
  /** Brackets inside brackets, as written. */
  readonly nesting: number
  /** Types after all names are replaced by what they stand for: sets, records, attributes, references. */
  readonly types: number
}

export const SCHEMA_LIMITS: SchemaLimits = { textLength: 1024 * 1024, nesting: 40, types: 100_000 }

/** The first limit that the text exceeds. Cost: linear in the text. */
export function checkSchemaText(text: string, file: string, limits: SchemaLimits): Problem | undefined {
  if (text.length > limits.textLength) {
    return problemOf('ERR_VALIDATE_SCHEMA_LIMIT', `the schema is longer than ${limits.textLength} characters`, {
      span: { file, start: 0, end: 0 },
    })
  }
  let depth = 0
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (CLOSING.has(token)) depth--
    else if (OPENING.has(token) && ++depth > limits.nesting) {
      return problemOf('ERR_VALIDATE_SCHEMA_LIMIT', `the schema is nested deeper than ${limits.nesting}`, {
        span: { file, start: index, end: index + 1 },
        hint: 'name the inner types: `type Name = ...;`',
      })
    }
  }
  return undefined
}

/** Comments and strings are tokens of their own, so that brackets in them do not count. An open string ends with the text. */
const TOKENS = /\/\/[^\n]*|"(?:[^"\\]|\\[\s\S])*(?:"|$)|[[\]{}()<>]/g
const OPENING: ReadonlySet<string> = new Set('[{(<')
const CLOSING: ReadonlySet<string> = new Set(']})>')
