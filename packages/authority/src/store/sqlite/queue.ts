// Work on one connection, a piece at a time, in the order of arrival. What waits together is one transaction with one commit,
// because a commit waits for the disk and the work does not. INVARIANT: nobody hears of a piece of work before the commit.

export interface Queue {
  run<T>(job: Job<T>): Promise<T>
  /** Resolves when all that was queued is done; what comes later is refused by `refuse`. */
  close(refuse: () => Error): Promise<void>
}

export interface Job<T> {
  /** Of one that writes and throws, what it changed is undone, and the others' stays. */
  readonly writes: boolean
  readonly work: () => Promise<T>
  /** After the commit, before the caller hears. */
  readonly committed?: () => void
}

/** The transaction around the jobs, and the part of it that is one job's. Any may throw but `rollBack`. */
export interface Boundary {
  begin(): void
  commit(): void
  /** Undoes everything since `begin`, if there is anything. */
  rollBack(): void
  beginJob(): void
  endJob(): void
  /** Undoes everything since `beginJob`, and ends it. Throws when the whole transaction is gone. */
  undoJob(): void
}

/** More jobs would keep the first of them waiting. */
const JOBS_A_COMMIT = 256

export function createQueue(boundary: Boundary): Queue {
  const waiting: Waiting[] = []
  let draining: Promise<void> | undefined
  let refuse: (() => Error) | undefined

  async function drain(): Promise<void> {
    // whatever is ready to be read from the sockets comes first, and shares the commit
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.length > 0) await commitTogether()
    draining = undefined
  }

  async function commitTogether(): Promise<void> {
    const first = waiting.shift()
    if (first === undefined) return
    // taken before anything can fail, so that each hears of it
    const done = [first]
    try {
      boundary.begin()
      for (const job of done) {
        await job.run(boundary)
        const next = done.length < JOBS_A_COMMIT ? waiting.shift() : undefined
        if (next !== undefined) done.push(next)
      }
      boundary.commit()
    } catch (error) {
      for (const each of done) each.fail(error)
      boundary.rollBack()
      return
    }
    for (const each of done) each.settle()
  }

  return {
    run(job) {
      if (refuse !== undefined) return Promise.reject(refuse())
      return new Promise((resolve, reject) => {
        waiting.push(waitingFor(job, resolve, reject))
        draining ??= drain()
      })
    },
    async close(because) {
      refuse = because
      await draining
    },
  }
}

interface Waiting {
  /** Throws only what concerns the whole transaction. */
  run(boundary: Boundary): Promise<void>
  settle(): void
  fail(error: unknown): void
}

function waitingFor<T>(
  { writes, work, committed }: Job<T>,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): Waiting {
  let settle = (): void => reject(new Error('the work was not done'))
  return {
    async run(boundary) {
      if (writes) boundary.beginJob()
      let value: T
      try {
        value = await work()
      } catch (error) {
        if (writes) boundary.undoJob()
        settle = () => reject(error)
        return
      }
      if (writes) boundary.endJob()
      settle = () => {
        committed?.()
        resolve(value)
      }
    },
    settle: () => settle(),
    fail: reject,
  }
}
