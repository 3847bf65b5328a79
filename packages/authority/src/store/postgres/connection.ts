// Connections to PostgreSQL: durable, in a schema of our own, and given up by the server when this process hangs.

import { Pool, type PoolConfig, types } from 'pg'
import { AuthorityError } from '../../errors.ts'

/** How long a statement may take, may wait for a lock, and a transaction may stand idle: a paused authority must not hold up the others. */
const STATEMENT_MILLISECONDS = 30_000
const LOCK_MILLISECONDS = 10_000
const IDLE_MILLISECONDS = 5000
const CONNECT_MILLISECONDS = 5000
const CONNECTIONS = 10

type TypeId = Parameters<typeof types.getTypeParser>[0]

export interface PostgresLocation {
  /** `postgres://user:password@host/database`. It is a secret. */
  readonly url: string
  /** Where the tables are: several authorities that are to know nothing of each other can share a database. */
  readonly schema: string
}

/** What all connections have in common. */
export function configOf({ url, schema }: PostgresLocation): PoolConfig {
  if (!/^[a-z_][a-z0-9_]{0,40}$/.test(schema)) {
    throw new AuthorityError('ERR_AUTHORITY_CONFIG', 'the name of the schema has other characters than a-z, 0-9 and _')
  }
  return {
    connectionString: url,
    options: `-c search_path=${schema} -c synchronous_commit=on -c timezone=UTC`,
    application_name: 'cardea-authority',
    statement_timeout: STATEMENT_MILLISECONDS,
    lock_timeout: LOCK_MILLISECONDS,
    idle_in_transaction_session_timeout: IDLE_MILLISECONDS,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    keepAlive: true,
    types: { getTypeParser },
  }
}

/** `failed` hears of connections that break. */
export function openPool(location: PostgresLocation, failed: (error: Error) => void): Pool {
  const pool = new Pool({ ...configOf(location), max: CONNECTIONS })
  pool.on('error', failed)
  // the pool hears of those that nobody uses; one in use that breaks between two statements must not end the process
  pool.on('connect', (client) => client.on('error', failed))
  return pool
}

/** All our 64-bit numbers are times and counters: they fit a double, or something is very wrong. */
const getTypeParser: typeof types.getTypeParser = (oid: TypeId, format?: 'text' | 'binary') =>
  oid === types.builtins.INT8 && format !== 'binary' ? safeInteger : types.getTypeParser(oid, format)

function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('a stored number is beyond 2^53')
  return value
}
