// Writes of one authority that wait together are one transaction, with one lock, one commit and one wait for the disk. Each has a savepoint,
// so that one that fails takes no other with it. INVARIANT: nobody hears of a write before the commit, and a batch that is not committed is
// told to all who were in it.

import { sql, type Transaction } from 'kysely'
import type { NumberedChange } from '../records.ts'
import type { StoreTransaction } from '../store.ts'
import type { Tables } from '../tables.ts'

export type Work<T> = (transaction: StoreTransaction) => Promise<T>

export interface Batches {
  write<T>(work: Work<T>): Promise<T>
}

export interface BatchesOptions {
  /** Runs in a transaction that holds the lock, and commits it. Throws what the database throws. */
  readonly transact: (run: (db: Transaction<Tables>) => Promise<void>) => Promise<void>
  readonly createTransaction: (db: Transaction<Tables>, appended: (change: NumberedChange) => void) => StoreTransaction
  /** Within the transaction, when something was numbered in it. */
  readonly announce: (db: Transaction<Tables>) => Promise<void>
  /** After the commit of something that was numbered, before anybody hears. */
  readonly committed: () => Promise<void>
}

/** More would keep the first of them waiting, and other authorities from the lock. */
const WRITES_A_BATCH = 64

interface Waiting {
  /** Throws only what concerns the whole transaction. */
  run(db: Transaction<Tables>, isAlone: boolean): Promise<void>
  settle(): void
  fail(error: unknown): void
}

export function createBatches(options: BatchesOptions): Batches {
  const { transact, announce, committed } = options
  const waiting: Waiting[] = []
  let draining: Promise<void> | undefined
  /** Changes of the batch that is under way. */
  let numbered = 0

  async function drain(): Promise<void> {
    // whatever is ready to be read from the sockets comes first, and shares the commit
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.length > 0) await commitTogether(waiting.splice(0, WRITES_A_BATCH))
    draining = undefined
  }

  async function commitTogether(batch: readonly Waiting[]): Promise<void> {
    numbered = 0
    try {
      await transact(async (db) => {
        for (const each of batch) await each.run(db, batch.length === 1)
        if (numbered > 0) await announce(db)
      })
    } catch (error) {
      for (const each of batch) each.fail(error)
      return
    }
    if (numbered > 0) await committed()
    for (const each of batch) each.settle()
  }

  function waitingFor<T>(work: Work<T>, resolve: (value: T) => void, reject: (error: unknown) => void): Waiting {
    let settle = (): void => reject(new Error('the work was not done'))
    return {
      async run(db, isAlone) {
        if (!isAlone) await sql`SAVEPOINT one`.execute(db)
        const changes: NumberedChange[] = []
        let value: T
        try {
          value = await work(options.createTransaction(db, (change) => changes.push(change)))
        } catch (error) {
          // alone it takes the transaction with it
          if (isAlone) throw error
          await sql`ROLLBACK TO SAVEPOINT one`.execute(db)
          settle = () => reject(error)
          return
        }
        if (!isAlone) await sql`RELEASE SAVEPOINT one`.execute(db)
        numbered += changes.length
        settle = () => resolve(value)
      },
      settle: () => settle(),
      fail: reject,
    }
  }

  return {
    write: (work) =>
      new Promise((resolve, reject) => {
        waiting.push(waitingFor(work, resolve, reject))
        draining ??= drain()
      }),
  }
}
