// How long to wait before trying again: at first at once or nearly, then longer, never in step with other guards, and never
// so long that a bound on staleness is missed by the waiting alone.

export interface Backoff {
  /** Milliseconds before the next try. The first is within 500. */
  next(): number
  reset(): void
}

const FIRST_MILLISECONDS = 500

export function createBackoff(options: { readonly maxMilliseconds: number; readonly random: () => number }): Backoff {
  const { maxMilliseconds, random } = options
  let tries = 0
  return {
    next() {
      const ceiling = Math.min(maxMilliseconds, FIRST_MILLISECONDS * 2 ** tries)
      tries = Math.min(tries + 1, 32)
      // the first is spread over the whole range, so that a thousand guards of one authority do not come together
      return ceiling * (tries === 1 ? random() : 0.5 + random() / 2)
    },
    reset() {
      tries = 0
    },
  }
}
