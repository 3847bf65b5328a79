// Which database: a file for SQLite, an address for PostgreSQL.

import { randomBytes } from 'node:crypto'
import { isPostgres } from './location.ts'
import { createPostgresStore } from './postgres/postgres-store.ts'
import { createSqliteStore } from './sqlite/sqlite-store.ts'
import type { Store } from './store.ts'

/** Where the tables are in a PostgreSQL database. */
const SCHEMA = 'cardea'

export interface OpenOptions {
  /** The path of a file, `:memory:`, or `postgres://...`, which is a secret. */
  readonly location: string
  readonly now: () => number
  readonly newEpoch: () => string
  /** Hears of what went wrong while nobody waited for it. */
  readonly failed: (error: unknown) => void
}

/**
 * Errors: `ERR_AUTHORITY_STORE_LOCKED`, `ERR_AUTHORITY_STORE_NEWER`, `ERR_AUTHORITY_STORE_UNAVAILABLE`, `ERR_AUTHORITY_STORE_UNSAFE`.
 */
export async function openStore({ location, ...rest }: OpenOptions): Promise<Store> {
  return isPostgres(location)
    ? createPostgresStore({ url: location, schema: SCHEMA, ...rest })
    : createSqliteStore({ path: location, ...rest })
}

export function newEpoch(): string {
  return randomBytes(12).toString('base64url')
}
