// The only place of this package that reads the wall clock. Everything else is given `now`.

/** The wall clock in unix seconds, with fraction. */
export function systemNow(): number {
  return Date.now() / 1000
}
