// Times and distances of time as people read them.

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/** `4 min 48 s`, `3 h`: at most two units, of whole seconds without a sign. */
export function formatDuration(seconds: number): string {
  let rest = Math.floor(Math.abs(seconds))
  const first = UNITS.findIndex(([, size]) => rest >= size)
  if (first === -1) return '0 s'
  const words: string[] = []
  for (const [unit, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) words.push(`${count} ${unit}`)
  }
  return words.join(' ')
}

/** An RFC 3339 time in whole seconds; the number itself where there is none, before 1970 or after 9999. */
export function formatTime(seconds: number): string {
  if (!(seconds >= 0 && seconds <= LAST_SECOND)) return `${seconds} s after 1970`
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

const LAST_SECOND = 253_402_300_799
