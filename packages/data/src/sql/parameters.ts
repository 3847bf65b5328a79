// Cedar values as parameters that a database holds as they are.

import type { Long } from '@cardea/policy'
import { DataError } from '../errors.ts'
import { parameter } from './fragment.ts'
import type { Parameter } from './fragment.ts'

/**
 * A text. Drivers replace an unpaired surrogate by U+FFFD, which would make two different texts equal: it is refused.
 * Error: `ERR_DATA_TEXT`.
 */
export function textParameter(text: string): Parameter {
  if (!text.isWellFormed()) {
    throw new DataError('ERR_DATA_TEXT', 'a value of the filter holds an unpaired surrogate', {
      hint: 'Cedar strings are Unicode scalar values; check where the claim or the id comes from',
    })
  }
  return parameter(text)
}

/** A 64-bit integer; drivers would bind a number as a float. */
export function longParameter(value: Long): Parameter {
  return parameter(BigInt(value))
}
