// Records of guards on their way to the store. Writes come one at a time over all authorities of a database, so what arrives while one is
// under way is kept with the next: a guard's batch takes no turn of its own from grants and revocations.

import type { DecisionRow } from '../../store/records.ts'
import type { Store } from '../../store/store.ts'

export interface DecisionKeeper {
  /** Resolves when all of them are kept. Errors: those of the store. */
  keep(rows: readonly DecisionRow[]): Promise<void>
}

export function createDecisionKeeper(store: Store): DecisionKeeper {
  let waiting: DecisionRow[] = []
  let next: Promise<unknown> | undefined
  let current: Promise<unknown> = Promise.resolve()
  const write = (rows: readonly DecisionRow[]): Promise<unknown> =>
    store.write((transaction) => transaction.insertDecisions(rows))

  /** All that waits by then, once what is under way is over. */
  async function keepTogether(): Promise<void> {
    await current.catch(() => {})
    const together = waiting
    waiting = []
    next = undefined
    current = write(together)
    await current
  }

  return {
    async keep(rows) {
      waiting.push(...rows)
      next ??= keepTogether()
      // it may not be these that cannot be kept
      await next.catch(() => write(rows))
    },
  }
}
