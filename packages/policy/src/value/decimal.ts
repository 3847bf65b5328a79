// Decimals: `-?digits.digits` with one to four digits after the point, kept as an integer of ten-thousandths.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-datatypes.html#datatype-decimal

import { fitsLong } from './long.ts'
import type { DecimalValue } from './value.ts'

const PATTERN = /^(-?)(\d+)\.(\d{1,4})$/
const SCALE = 10_000n
/** Digits that a 64-bit number can have; more, after leading zeros, is an overflow and need not be computed. */
const MAXIMUM_DIGITS = 19

/** The decimal that the text says; `undefined` when it is malformed or does not fit 64 bits. */
export function parseDecimal(text: string): DecimalValue | undefined {
  const match = PATTERN.exec(text)
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = ''] = match
  const digits = whole.replace(/^0+/, '')
  if (digits.length > MAXIMUM_DIGITS) return undefined
  const magnitude = BigInt(digits) * SCALE + BigInt(fraction.padEnd(4, '0'))
  const scaled = sign === '' ? magnitude : -magnitude
  return fitsLong(scaled) ? { kind: 'decimal', scaled } : undefined
}

/** The shortest text that parses to the same decimal. */
export function formatDecimal({ scaled }: DecimalValue): string {
  const magnitude = scaled < 0n ? -scaled : scaled
  const fraction = (magnitude % SCALE)
    .toString()
    .padStart(4, '0')
    .replace(/0{1,3}$/, '')
  return `${scaled < 0n ? '-' : ''}${magnitude / SCALE}.${fraction}`
}
