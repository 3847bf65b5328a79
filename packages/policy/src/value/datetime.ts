// Datetimes: an instant in milliseconds within 64 bits, written `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ss[.SSS](Z|+hhmm|-hhmm)`.
// The calendar is the proleptic Gregorian one, computed here because JavaScript's `Date` remaps the years 0 to 99 and
// covers fewer instants than 64 bits do.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-datatypes.html#datatype-datetime

import { fitsLong } from './long.ts'
import type { DatetimeValue } from './value.ts'

const PATTERN = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?(?:Z|([+-])(\d{2})(\d{2})))?$/
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const
const DAY_MILLISECONDS = 86_400_000n

/** The instant that the text says; `undefined` when it is malformed or no real date. */
export function parseDatetime(text: string): DatetimeValue | undefined {
  const match = PATTERN.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, milli = 0] = match.slice(1, 8).map(numberOr0)
  const [, , , , , , , , sign, offsetHour, offsetMinute] = match
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  if (numberOr0(offsetHour) > 23 || numberOr0(offsetMinute) > 59) return undefined
  const offsetMinutes = (numberOr0(offsetHour) * 60 + numberOr0(offsetMinute)) * (sign === '-' ? -1 : 1)
  const minutes = (daysFromCivil(year, month, day) * 24 + hour) * 60 + minute - offsetMinutes
  return { kind: 'datetime', milliseconds: BigInt((minutes * 60 + second) * 1000 + milli) }
}

/** The ISO text of an instant of the years 0000 to 9999; `undefined` for others, which have no literal. */
export function formatDatetime({ milliseconds }: DatetimeValue): string | undefined {
  const days = Number(floorDivide(milliseconds, DAY_MILLISECONDS))
  const { year, month, day } = civilFromDays(days)
  if (year < 0 || year > 9999) return undefined
  const rest = Number(timeOfDay(milliseconds))
  const two = (value: number): string => Math.floor(value).toString().padStart(2, '0')
  const date = `${year.toString().padStart(4, '0')}-${two(month)}-${two(day)}`
  if (rest === 0) return date
  const time = `${two(rest / 3_600_000)}:${two((rest / 60_000) % 60)}:${two((rest / 1000) % 60)}`
  return `${date}T${time}.${(rest % 1000).toString().padStart(3, '0')}Z`
}

/** The instant at the start of the day (UTC), before it also for negative instants; `undefined` on overflow. */
export function startOfDay(milliseconds: bigint): bigint | undefined {
  const start = floorDivide(milliseconds, DAY_MILLISECONDS) * DAY_MILLISECONDS
  return fitsLong(start) ? start : undefined
}

/** Milliseconds since the start of the day (UTC): from 0 up to, but without, a day. */
export function timeOfDay(milliseconds: bigint): bigint {
  return milliseconds - floorDivide(milliseconds, DAY_MILLISECONDS) * DAY_MILLISECONDS
}

function numberOr0(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits)
}

function daysInMonth(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 && leap ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0)
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  return dividend < 0n && quotient * divisor !== dividend ? quotient - 1n : quotient
}

// Both conversions count from 0000-03-01, so that the leap day is the last of its year (Howard Hinnant, "chrono-compatible
// low-level date algorithms"). 719 468 days lie between that day and 1970-01-01.

function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return { year, month, day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1 }
}
