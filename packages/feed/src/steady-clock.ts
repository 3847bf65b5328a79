// Time that a clock set back, a suspended process or a slow network cannot turn into access (protocol: "Verifying").

export interface SteadyClock {
  /**
   * The latest of the wall clock, what was last heard from the authority plus the time since, and what was ever heard plus the time since by
   * the monotonic clock. Unix seconds.
   */
  now(): number
  /**
   * The authority said what time it is, in answer to a question of that moment. A wall clock that was wrong for a while has made `now` too
   * late: then this takes it back, never to before what the monotonic clock makes of all that was heard.
   */
  hear(authoritySeconds: number, asked?: Moment): void
  /** The latest that was heard from the authority, and the time since by the monotonic clock; 0 before. Unix seconds. */
  heard(): number
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
  let floor = { seconds: now(), monotonic: monotonic() }
  let told: typeof floor | undefined
  const floorNow = (): number => floor.seconds + Math.max(0, monotonic() - floor.monotonic)
  const toldNow = (): number => (told === undefined ? 0 : told.seconds + Math.max(0, monotonic() - told.monotonic))
  return {
    heard: toldNow,
    now: () => Math.max(now(), floorNow(), heard.seconds + elapsedSince(heard.moment)),
    hear(authoritySeconds, asked = mark()) {
      if (authoritySeconds > floorNow()) floor = { seconds: authoritySeconds, monotonic: monotonic() }
      if (authoritySeconds > toldNow()) told = { seconds: authoritySeconds, monotonic: monotonic() }
      heard = { seconds: authoritySeconds, moment: asked }
    },
    mark,
    elapsedSince,
  }
}
