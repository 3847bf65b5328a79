// The store on PostgreSQL: any number of authorities on one database. Writes come one at a time over all of them, those that wait together
// share a commit, reads see one state each, and every authority hears of every change.

import { Kysely, PostgresDialect, sql } from 'kysely'
import { AuthorityError } from '../../errors.ts'
import type { Store, StoreView } from '../store.ts'
import type { Tables } from '../tables.ts'
import { createTransaction } from '../transaction.ts'
import { createView } from '../view.ts'
import { createBatches } from './batches.ts'
import { openPool, type PostgresLocation } from './connection.ts'
import { createFollower } from './follower.ts'
import { channelOf, listen } from './listener.ts'
import { migrate, requireDurable } from './migrate.ts'
import { storeError } from './store-error.ts'
import { lockWrites } from './write-lock.ts'

export interface PostgresStoreOptions extends PostgresLocation {
  readonly now: () => number
  readonly newEpoch: () => string
  /** Hears of what went wrong while nobody waited for it. */
  readonly failed: (error: unknown) => void
}

/** The log is looked at this often, should a message of its change be lost. */
const LOOK_MILLISECONDS = 1000

/**
 * Opens the schema, or makes it. Errors: `ERR_AUTHORITY_STORE_UNAVAILABLE`, `ERR_AUTHORITY_STORE_NEWER`, `ERR_AUTHORITY_STORE_UNSAFE`.
 */
export async function createPostgresStore({
  now,
  newEpoch,
  failed,
  ...location
}: PostgresStoreOptions): Promise<Store> {
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: openPool(location, failed) }) })
  const { schema } = location
  const listeners = new Set<Parameters<Store['onChange']>[0]>()
  const underWay = new Set<Promise<unknown>>()
  let closed = false

  async function run<T>(work: () => Promise<T>): Promise<T> {
    if (closed) throw new AuthorityError('ERR_AUTHORITY_CLOSED')
    const result = work().catch((error: unknown) => {
      throw storeError(error)
    })
    underWay.add(result)
    try {
      return await result
    } finally {
      underWay.delete(result)
    }
  }

  const read = <T>(work: (view: StoreView) => Promise<T>): Promise<T> =>
    run(() =>
      db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute((transaction) => work(createView(transaction))),
    )

  try {
    await run(() => requireDurable(db))
    await run(() => migrate(db, schema, newEpoch))
  } catch (error) {
    await db.destroy()
    throw error
  }
  const follower = createFollower(await read((view) => view.position()), read, (change, position) => {
    for (const listener of listeners) listener(change, position)
  })
  const look = (): void => {
    if (!closed) follower.catchUp().catch(failed)
  }
  const listener = listen(location, look)
  const batches = createBatches({
    transact: (work) =>
      db
        .transaction()
        .setIsolationLevel('read committed')
        .execute(async (transaction) => {
          await lockWrites(transaction, schema)
          await work(transaction)
        }),
    createTransaction: (transaction, appended) => createTransaction({ db: transaction, now, newEpoch, appended }),
    async announce(transaction) {
      await sql`SELECT pg_notify(${channelOf(schema)}, '')`.execute(transaction)
    },
    // it is committed: that it could not be read back at once is no reason to say otherwise
    committed: () => follower.catchUp().catch(failed),
  })
  const timer = setInterval(look, LOOK_MILLISECONDS)
  timer.unref()

  return {
    read,
    write: (work) => run(() => batches.write(work)),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async hear({ epoch, seq }) {
      const isHeard = (): boolean => {
        const heard = follower.heard()
        return heard.epoch === epoch && heard.seq >= seq
      }
      if (!isHeard()) await follower.catchUp()
      if (!isHeard()) throw new AuthorityError('ERR_AUTHORITY_STORE_UNAVAILABLE', 'the log began anew meanwhile')
    },
    async close() {
      closed = true
      clearInterval(timer)
      await listener.close()
      await Promise.allSettled(underWay)
      listeners.clear()
      await db.destroy()
    },
  }
}
