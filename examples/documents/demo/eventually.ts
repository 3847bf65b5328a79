// Tries again until something is so. Nothing in the tour just sleeps.

import { setTimeout } from 'node:timers/promises'

const PAUSE_MILLISECONDS = 2
const BOUND_MILLISECONDS = 15_000

/** The first result that is `enough`, or the last one when the time is up. */
export async function eventually<T>(
  attempt: () => Promise<T>,
  enough: (result: T) => boolean,
  pauseMilliseconds: number = PAUSE_MILLISECONDS,
): Promise<T> {
  const end = performance.now() + BOUND_MILLISECONDS
  let result = await attempt()
  while (!enough(result) && performance.now() < end) {
    await setTimeout(pauseMilliseconds)
    result = await attempt()
  }
  return result
}
