// Cedar's findings as problems: places in code units of the whole file, and a message without the ids that were made up for the call.

import type { Problem, Span } from '@cardea/policy'
import type { DetailedError } from '@cedar-policy/cedar-wasm/nodejs'
import type { ValidateErrorCode } from '../errors.ts'
import { utf16Offset } from './utf16.ts'

/** The text that Cedar was given, and where it stands in its file. */
export interface Excerpt {
  readonly file: string
  readonly text: string
  /** Code units before the text in its file. */
  readonly offset: number
}

/** The finding, at its own place or else at the whole excerpt's. */
export function toProblem(
  code: ValidateErrorCode,
  severity: Problem['severity'],
  error: DetailedError,
  excerpt: Excerpt,
): Problem {
  const message = plain(error.message)
  const hint = hintOf(error)
  return { severity, code, message, ...(hint === undefined ? {} : { hint }), span: spanOf(error, excerpt) }
}

function spanOf({ sourceLocations = [] }: DetailedError, { file, text, offset }: Excerpt): Span {
  // of a thing declared twice, the last place is the one to mend
  const location = sourceLocations.at(-1)
  if (location === undefined) return { file, start: offset, end: offset + text.length }
  return {
    file,
    start: offset + utf16Offset(text, location.start),
    end: offset + utf16Offset(text, location.end),
  }
}

function hintOf({ help, sourceLocations = [] }: DetailedError): string | undefined {
  if (help !== null) return plain(help)
  return sourceLocations.at(-1)?.label ?? undefined
}

const PREFIX =
  /^(?:for policy `[^`]*`, |failed to parse (?:policy|template) with id `[^`]*` from string: |error parsing schema: )+/

function plain(message: string): string {
  return message.replace(PREFIX, '')
}
