// Durations: `-?[Nd][Nh][Nm][Ns][Nms]` in this order with at least one part, kept in milliseconds within 64 bits.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-datatypes.html#datatype-duration

import { fitsLong } from './long.ts'
import type { DurationValue } from './value.ts'

const PATTERN = /^(-?)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/
const UNITS = [
  ['d', 86_400_000n],
  ['h', 3_600_000n],
  ['m', 60_000n],
  ['s', 1000n],
  ['ms', 1n],
] as const
/** Digits that a 64-bit number can have; more, after leading zeros, is an overflow and need not be computed. */
const MAXIMUM_DIGITS = 19

/** The length of time that the text says; `undefined` when it is malformed or does not fit 64 bits. */
export function parseDuration(text: string): DurationValue | undefined {
  const match = text === '' || text === '-' ? null : PATTERN.exec(text)
  if (match === null) return undefined
  let milliseconds = 0n
  for (const [index, [, unit]] of UNITS.entries()) {
    const digits = (match[index + 2] ?? '').replace(/^0+/, '')
    if (digits.length > MAXIMUM_DIGITS) return undefined
    milliseconds += BigInt(digits) * unit
  }
  if (match[1] === '-') milliseconds = -milliseconds
  return fitsLong(milliseconds) ? { kind: 'duration', milliseconds } : undefined
}

/** The text with the largest units first, `0ms` for none. */
export function formatDuration({ milliseconds }: DurationValue): string {
  let rest = milliseconds < 0n ? -milliseconds : milliseconds
  if (rest === 0n) return '0ms'
  let text = milliseconds < 0n ? '-' : ''
  for (const [name, unit] of UNITS) {
    if (rest >= unit) text += `${rest / unit}${name}`
    rest %= unit
  }
  return text
}
