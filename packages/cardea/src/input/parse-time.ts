// A moment, as an ISO time or a distance from now.

import { CommandError } from '../errors.ts'

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `2026-01-01T12:00:00Z`, or `30m`, `8h`, `7d` in the direction that the option means. @throws CommandError ERR_COMMAND_USAGE */
export function parseTime(text: string, direction: 'from now' | 'ago', nowMilliseconds: number = Date.now()): Date {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined) {
    const milliseconds = Number(count) * (UNIT_SECONDS[unit] ?? 1) * 1000
    return new Date(direction === 'ago' ? nowMilliseconds - milliseconds : nowMilliseconds + milliseconds)
  }
  // a time without an offset would mean another moment on another machine
  const time = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return new Date(time)
  throw new CommandError('ERR_COMMAND_USAGE', `\`${text}\` is not a time`, {
    hint: 'write 2026-01-01T12:00:00Z, or 30m, 8h, 7d',
  })
}
