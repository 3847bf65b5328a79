// A moment, as an ISO time or a distance from now.

import { CommandError } from '../errors.ts'

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `2026-01-01T12:00:00Z`, `30m`, `8h`, `7d`. @throws CommandError ERR_COMMAND_USAGE */
export function parseTime(text: string, nowMilliseconds: number = Date.now()): Date {
  const distance = /^(\d{1,6})([smhd])$/.exec(text)
  if (distance !== null)
    return new Date(nowMilliseconds + Number(distance[1]) * (UNIT_SECONDS[distance[2] ?? 's'] ?? 1) * 1000)
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return new Date(time)
  throw new CommandError('ERR_COMMAND_USAGE', `\`${text}\` is not a time`, {
    hint: 'write 2026-01-01T12:00:00Z, or 30m, 8h, 7d',
  })
}
