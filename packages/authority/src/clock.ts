// The only place where this package reads the wall clock; everything else is given a `now`.

/** Unix seconds. */
export const systemClock = (): number => Math.floor(Date.now() / 1000)

export interface Clock {
  /** Unix seconds. */
  now(this: void): number
  /** The greatest time that was ever told: no token was made later, even if the clock was set back since. */
  latest(this: void): number
}

export function createClock(source: () => number): Clock {
  let latest = 0
  const now = (): number => {
    const seconds = source()
    latest = Math.max(latest, seconds)
    return seconds
  }
  return {
    now,
    latest: () => {
      now()
      return latest
    },
  }
}
