// The store on SQLite: one connection, one piece of work at a time. What waits together shares a commit, which is what takes time.

import type { DatabaseSync } from 'node:sqlite'
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
import { type Boundary, createQueue } from './queue.ts'

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
  const view = createView(db)
  const queue = createQueue(transactionOn(database))
  const listeners = new Set<(change: NumberedChange, position: Position) => void>()

  return {
    read: (work) => queue.run({ writes: false, work: () => work(view) }),
    write(work) {
      const changes: (readonly [NumberedChange, Position])[] = []
      const transaction = createTransaction({
        db,
        now,
        newEpoch,
        appended: (change, position) => changes.push([change, position]),
      })
      return queue.run({
        writes: true,
        work: () => work(transaction),
        committed() {
          for (const [change, position] of changes) for (const listener of listeners) listener(change, position)
        },
      })
    },
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

/** The statements are prepared once: they stand around everything that is done. */
function transactionOn(database: DatabaseSync): Boundary {
  const [begin, commit, rollBack, save, undo, release] = [
    'BEGIN',
    'COMMIT',
    'ROLLBACK',
    'SAVEPOINT job',
    'ROLLBACK TO job',
    'RELEASE job',
  ].map((sql) => database.prepare(sql))
  return {
    begin: () => void begin?.run(),
    commit: () => void commit?.run(),
    rollBack() {
      try {
        // a full disk, for one, has ended it already
        if (database.isTransaction) rollBack?.run()
      } catch {
        // the next `BEGIN` says so, to those who wait for it
      }
    },
    beginJob: () => void save?.run(),
    endJob: () => void release?.run(),
    undoJob() {
      undo?.run()
      release?.run()
    },
  }
}
