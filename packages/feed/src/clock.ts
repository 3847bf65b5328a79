// The only place of this package that reads the machine's clocks. Everything else is given them.

/** The wall clock in unix seconds, with fraction. */
export function systemNow(): number {
  return Date.now() / 1000
}

/** Seconds that only count up, whatever happens to the wall clock; they may stand still while the machine sleeps. */
export function systemMonotonic(): number {
  return performance.now() / 1000
}
