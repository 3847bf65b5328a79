// The input of one question as the text that is sent, within its bound.

import type { Request } from '@cardea/policy'
import { OpaError } from '../errors.ts'
import { type Json, jsonText } from '../input/json-text.ts'
import { requestInput } from '../input/request-input.ts'

/** Makes the `input` of Rego that expects another one than `requestInput`. Must be pure. What it throws is a deny. */
export type InputOf = (request: Request) => Json

export interface QuestionOptions {
  /** Default `requestInput`. */
  readonly input?: InputOf
  /** Default 1 MiB; beyond it the answer is a deny. */
  readonly maxInputBytes?: number
}

const MAX_INPUT_BYTES = 1_048_576

/** Throws `ERR_OPA_INPUT`, or what `input` throws. */
export function questionText(
  request: Request,
  { input = requestInput, maxInputBytes = MAX_INPUT_BYTES }: QuestionOptions,
): string {
  const text = jsonText(input(request))
  if (Buffer.byteLength(text) <= maxInputBytes) return text
  throw new OpaError('ERR_OPA_INPUT', `the input is longer than ${maxInputBytes} bytes`)
}
