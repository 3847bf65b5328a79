// Kysely's SQLite driver over `node:sqlite`: no native add-on, nothing to install.
// One process a file: the exclusive lock is the kernel's and ends with the process, however it ends.

import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { AuthorityError } from '../../errors.ts'

/**
 * Opens a database, in a folder that is made if it is not there, durably: write-ahead log, synced on commit, foreign keys on, locked against any other process.
 * Errors: `ERR_AUTHORITY_STORE_LOCKED`.
 */
export function openSqlite(path: string): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('PRAGMA synchronous = FULL')
    database.exec('PRAGMA foreign_keys = ON')
    // the lock is taken by the first write
    database.exec('BEGIN IMMEDIATE; COMMIT')
  } catch (cause) {
    database.close()
    if (isBusy(cause)) {
      throw new AuthorityError('ERR_AUTHORITY_STORE_LOCKED', 'another authority has this database open', {
        hint: 'stop the other process first; one SQLite file has one authority',
        cause,
      })
    }
    throw cause
  }
  return database
}

/** Statements that stay prepared. There are some dozens; the number of grantees asked for makes a few more. */
const MAX_PREPARED = 200

/** What Kysely's `SqliteDialect` asks of a database. A statement is prepared once for each text. */
export function kyselyDatabase(database: DatabaseSync): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>()
  return {
    close: () => database.close(),
    prepare(sql) {
      let statement = prepared.get(sql)
      if (statement !== undefined) return statement
      if (prepared.size >= MAX_PREPARED) prepared.clear()
      prepared.set(sql, (statement = prepare(database, sql)))
      return statement
    },
  }
}

function prepare(database: DatabaseSync, sql: string): SqliteStatement {
  const statement = database.prepare(sql)
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...parameters.map(sqlValue)),
    run: (parameters) => statement.run(...parameters.map(sqlValue)),
    // it may be under way while the same is asked again
    iterate: (parameters) => database.prepare(sql).iterate(...parameters.map(sqlValue)) as IterableIterator<unknown>,
  }
}

function sqlValue(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return value
  throw new TypeError(`SQLite takes no ${typeof value} here`)
}

/** SQLITE_BUSY and SQLITE_LOCKED. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (error.errcode === 5 || error.errcode === 6)
}
