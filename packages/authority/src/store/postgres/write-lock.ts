// One write at a time, over all authorities. INVARIANT: it is held until the commit can be seen, so the order of the numbers is the order
// of the commits, a write sees every write before it, and what one checks and then changes nobody changes in between.

import { sql, type Transaction } from 'kysely'
import type { Tables } from '../tables.ts'

/** Waits for all writes before this one. Readers never wait. */
export async function lockWrites(transaction: Transaction<Tables>, schema: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`cardea ${schema}`}, 0))`.execute(transaction)
}
