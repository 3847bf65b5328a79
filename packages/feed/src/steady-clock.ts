// Time that a clock set back, a suspended process or a slow network cannot turn into access (protocol: "Verifying").

export interface SteadyClock {
  /** The wall clock, or what was last heard from the authority plus the time since: whichever is later. Unix seconds. */
  now(): number
  /** The authority said what time it is. Only ever moves `now` forward. */
  hear(authoritySeconds: number): void
  /** A moment to measure from. */
  mark(): Moment
  /** Seconds since the moment by the clock that says more: the wall jumps over a sleep, the monotonic one over a change. */
  elapsedSince(moment: Moment): number
}

export interface Moment {
  readonly wall: number
  readonly monotonic: number
}

export interface ClockSources {
  /** Unix seconds. */
  readonly now: () => number
  /** Seconds that only count up. */
  readonly monotonic: () => number
}

export function createSteadyClock({ now, monotonic }: ClockSources): SteadyClock {
  const mark = (): Moment => ({ wall: now(), monotonic: monotonic() })
  const elapsedSince = (moment: Moment): number => {
    const elapsed = Math.max(now() - moment.wall, monotonic() - moment.monotonic)
    // a clock that says nonsense makes everything infinitely old
    return Number.isNaN(elapsed) ? Number.POSITIVE_INFINITY : Math.max(0, elapsed)
  }
  let heard = { seconds: now(), moment: mark() }
  const time = (): number => Math.max(now(), heard.seconds + elapsedSince(heard.moment))
  return {
    now: time,
    hear(authoritySeconds) {
      if (authoritySeconds > time()) heard = { seconds: authoritySeconds, moment: mark() }
    },
    mark,
    elapsedSince,
  }
}
