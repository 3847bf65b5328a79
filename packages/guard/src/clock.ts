// The only place of this package that reads clocks and sets timers. Everything else is given them.

/** The wall clock in unix seconds, with fraction. */
export function systemNow(): number {
  return Date.now() / 1000
}

/** Milliseconds that never go back, from an unknown origin. */
export function systemMonotonic(): number {
  return performance.now()
}

/** Calls back later; the returned function cancels. Does not keep the process alive. */
export type Schedule = (delayMilliseconds: number, callback: () => void) => () => void

/** Beyond this Node fires at once. */
const LONGEST_MILLISECONDS = 2 ** 31 - 1

export const systemSchedule: Schedule = (delayMilliseconds, callback) => {
  const timer = setTimeout(callback, Math.min(Math.max(0, Math.ceil(delayMilliseconds)), LONGEST_MILLISECONDS))
  timer.unref()
  return () => clearTimeout(timer)
}
