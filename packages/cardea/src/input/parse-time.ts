// A moment, as an ISO time or a distance from now.

import { CommandError } from '../errors.ts'
import { parseDuration } from './parse-duration.ts'

/** `2026-01-01T12:00:00Z`, or `30m`, `8h`, `7d` in the direction that the option means. @throws CommandError ERR_COMMAND_USAGE */
export function parseTime(text: string, direction: 'from now' | 'ago', nowMilliseconds: number = Date.now()): Date {
  const seconds = parseDuration(text)
  if (seconds !== undefined) {
    const milliseconds = seconds * 1000
    return new Date(direction === 'ago' ? nowMilliseconds - milliseconds : nowMilliseconds + milliseconds)
  }
  // a time without an offset would mean another moment on another machine
  const time = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return new Date(time)
  throw new CommandError('ERR_COMMAND_USAGE', `\`${text}\` is not a time`, {
    hint: 'write 2026-01-01T12:00:00Z, or 30m, 8h, 7d',
  })
}
