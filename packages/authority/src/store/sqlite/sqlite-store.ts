// The store on SQLite: one connection, one piece of work at a time, each a transaction.

import { Kysely, SqliteDialect } from 'kysely'
import type { Position } from '@cardea/feed'
import { AuthorityError } from '../../errors.ts'
import type { NumberedChange } from '../records.ts'
import type { Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import { createTransaction } from '../transaction.ts'
import { createView } from '../view.ts'
import { migrate } from './migrate.ts'
import { kyselyDatabase, openSqlite } from './node-sqlite.ts'
import { createQueue } from './queue.ts'

export interface SqliteStoreOptions {
  /** A file, or `:memory:`. */
  readonly path: string
  readonly now: () => number
  readonly newEpoch: () => string
}

/** Opens or makes the database. Errors: `ERR_AUTHORITY_STORE_LOCKED`, `ERR_AUTHORITY_STORE_NEWER`. */
export function createSqliteStore({ path, now, newEpoch }: SqliteStoreOptions): Store {
  const database = openSqlite(path)
  try {
    migrate(database, newEpoch)
  } catch (error) {
    database.close()
    throw error
  }
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: kyselyDatabase(database) }) })
  const queue = createQueue()
  const listeners = new Set<(change: NumberedChange, position: Position) => void>()

  return {
    read: (work) => queue.run(() => db.transaction().execute((transaction) => work(createView(transaction)))),
    write: (work) =>
      queue.run(async () => {
        const changes: NumberedChange[] = []
        const [result, position] = await db.transaction().execute(async (transaction) => {
          const store = createTransaction({
            db: transaction,
            now,
            newEpoch,
            appended: (change) => changes.push(change),
          })
          return [await work(store), await store.position()] as const
        })
        for (const change of changes) {
          for (const listener of listeners) listener(change, { epoch: position.epoch, seq: change.seq })
        }
        return result
      }),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    // nobody else changes the file, and listeners hear of a change before its write is over
    hear: () => Promise.resolve(),
    async close() {
      await queue.close(() => new AuthorityError('ERR_AUTHORITY_CLOSED'))
      listeners.clear()
      // Kysely closes a database only once it has used it
      await db.destroy()
      if (database.isOpen) database.close()
    },
  }
}
