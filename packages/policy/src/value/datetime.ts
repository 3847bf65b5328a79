// Datetimes: an instant in milliseconds within 64 bits, written `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ss[.SSS](Z|+hhmm|-hhmm)`.
// The calendar is the proleptic Gregorian one of JavaScript's `Date`, which covers more than the years that have a text. Its `setUTC...`
// and `getUTC...` leave the years 0 to 99 as they are.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-datatypes.html#datatype-datetime

import type { DatetimeValue } from './value.ts'

const PATTERN = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?(?:Z|([+-])(\d{2})(\d{2})))?$/
const DAY_MILLISECONDS = 86_400_000n

/** The instant that the text says; `undefined` when it is malformed or no real date. */
export function parseDatetime(text: string): DatetimeValue | undefined {
  const match = PATTERN.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, milli = 0] = match.slice(1, 8).map(numberOr0)
  const [, , , , , , , , sign, offsetHour, offsetMinute] = match
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  // a day that the month does not have is one of another
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  if (numberOr0(offsetHour) > 23 || numberOr0(offsetMinute) > 59) return undefined
  const offsetMinutes = (numberOr0(offsetHour) * 60 + numberOr0(offsetMinute)) * (sign === '-' ? -1 : 1)
  return { kind: 'datetime', milliseconds: BigInt(date.setUTCHours(hour, minute - offsetMinutes, second, milli)) }
}

/** The ISO text of an instant of the years 0000 to 9999; `undefined` for others, which have no literal. */
export function formatDatetime({ milliseconds }: DatetimeValue): string | undefined {
  const date = new Date(Number(milliseconds))
  const year = date.getUTCFullYear()
  // an instant that no `Date` has is of the year NaN
  if (!(year >= 0 && year <= 9999)) return undefined
  const text = date.toISOString()
  return timeOfDay(milliseconds) === 0n ? text.slice(0, 10) : text
}

/** The instant at the start of the day (UTC), before it also for negative instants; of the first it does not fit a Long. */
export function startOfDay(milliseconds: bigint): bigint {
  return floorDivide(milliseconds, DAY_MILLISECONDS) * DAY_MILLISECONDS
}

/** Milliseconds since the start of the day (UTC): from 0 up to, but without, a day. */
export function timeOfDay(milliseconds: bigint): bigint {
  return milliseconds - startOfDay(milliseconds)
}

function numberOr0(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits)
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  return dividend < 0n && quotient * divisor !== dividend ? quotient - 1n : quotient
}
