// One piece of work at a time, in the order of arrival. SQLite has one connection here, and Kysely's driver would let two
// transactions on it interleave; this is what keeps them apart.

export interface Queue {
  run<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when all that was queued is done; what comes later is refused by `refuse`. */
  close(refuse: () => Error): Promise<void>
}

export function createQueue(): Queue {
  let tail: Promise<unknown> = Promise.resolve()
  let refuse: (() => Error) | undefined
  return {
    run(work) {
      if (refuse !== undefined) return Promise.reject(refuse())
      const result = tail.then(work)
      // the next one runs whether or not this one failed; its caller hears of the failure
      tail = result.catch(() => {})
      return result
    },
    async close(because) {
      refuse = because
      await tail
    },
  }
}
