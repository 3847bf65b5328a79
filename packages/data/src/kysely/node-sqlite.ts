// Node's own SQLite as the database of Kysely's `SqliteDialect`: no driver to install.

import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { SqliteDatabase, SqliteStatement } from 'kysely'

/**
 * The database for `new SqliteDialect({ database: nodeSqlite(database) })`.
 * Integers are read exactly: a `number` while it is safe, a `bigint` beyond. Booleans are written as 0 and 1; a value that SQLite
 * does not have (a Date, `undefined`) is a `TypeError`, never changed in silence.
 */
export function nodeSqlite(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare: (sql) => statementOf(database.prepare(sql)),
  }
}

function statementOf(statement: StatementSync): SqliteStatement {
  // node:sqlite throws on reading an integer beyond 2^53 unless all are read as bigint
  statement.setReadBigInts(true)
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...parameters.map(inputValue)).map(exactRow),
    run: (parameters) => statement.run(...parameters.map(inputValue)),
    *iterate(parameters) {
      for (const row of statement.iterate(...parameters.map(inputValue))) yield exactRow(row)
    },
  }
}

function inputValue(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Uint8Array) return value
  throw new TypeError(
    'a parameter is of a type that SQLite does not have: give text, a number, a bigint, bytes or null',
  )
}

/** The row with safe integers as numbers; changed in place, as it is nobody else's yet. */
function exactRow(row: Record<string, SQLOutputValue>): Record<string, SQLOutputValue> {
  for (const name in row) {
    const value = row[name]
    if (typeof value === 'bigint' && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) {
      row[name] = Number(value)
    }
  }
  return row
}
