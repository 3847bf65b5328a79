// The only place where this package reads the wall clock; everything else is given a `now`.

/** Unix seconds. */
export type Clock = () => number

export const systemClock: Clock = () => Math.floor(Date.now() / 1000)
