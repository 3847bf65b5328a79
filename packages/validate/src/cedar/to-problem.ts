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
  const message = plainMessage(error.message)
  const hint = hintOf(error)
  return { severity, code, message, ...(hint === undefined ? {} : { hint }), span: spanOf(error, excerpt) }
}

/** The finding's own place in its file, or else the whole excerpt. */
export function spanOf(error: DetailedError, excerpt: Excerpt): Span {
  // of a thing declared twice, the last place is the one to mend
  const { file, text, offset } = excerpt
  return spansOf(error, excerpt).at(-1) ?? { file, start: offset, end: offset + text.length }
}

/** All places that Cedar names, in its order. */
export function spansOf({ sourceLocations = [] }: DetailedError, { file, text, offset }: Excerpt): readonly Span[] {
  return sourceLocations.map(({ start, end }) => ({
    file,
    start: offset + utf16Offset(text, start),
    end: offset + utf16Offset(text, end),
  }))
}

function hintOf({ help, sourceLocations = [] }: DetailedError): string | undefined {
  if (help !== null) return plainMessage(help)
  return sourceLocations.at(-1)?.label ?? undefined
}

const PREFIX =
  /^(?:for policy `[^`]*`[,:] |failed to parse (?:policy|template) with id `[^`]*` from string: |failed to parse schema from string: |error parsing schema: )+/

/** Cedar's sentence without what it says about the call. */
export function plainMessage(message: string): string {
  return message.replace(PREFIX, '')
}
