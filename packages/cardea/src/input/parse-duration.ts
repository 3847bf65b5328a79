// A length of time on the command line.

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `30m`, `8h`, `7d` in seconds; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const seconds = UNIT_SECONDS[unit]
  return count === undefined || seconds === undefined ? undefined : Number(count) * seconds
}
