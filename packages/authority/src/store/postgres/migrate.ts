// Brings a PostgreSQL schema to this version, all steps in one transaction, by one authority at a time.

import { createSubjectKey } from '@cardea/feed'
import { type Kysely, sql } from 'kysely'
import { AuthorityError } from '../../errors.ts'
import { refuseNewer, stepsIn } from '../steps.ts'
import type { Tables } from '../tables.ts'
import { lockWrites } from './write-lock.ts'

const STEPS = stepsIn({ integer: 'bigint', text: 'text COLLATE "C"', table: { plain: '', keyed: '' } })

/** A new schema gets its first epoch. Errors: `ERR_AUTHORITY_STORE_NEWER`. */
export async function migrate(db: Kysely<Tables>, schema: string, epoch: () => string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await lockWrites(transaction, schema)
    await sql`CREATE SCHEMA IF NOT EXISTS ${sql.id(schema)}`.execute(transaction)
    await sql`CREATE TABLE IF NOT EXISTS version (one int PRIMARY KEY CHECK (one = 1), version int NOT NULL)`.execute(
      transaction,
    )
    const { rows } = await sql<{ version: number }>`SELECT version FROM version`.execute(transaction)
    const version = rows[0]?.version ?? 0
    refuseNewer(version, STEPS.length)
    for (const [index, step] of STEPS.entries()) {
      if (index < version) continue
      await sql.raw(step).execute(transaction)
      if (index === 0) {
        await sql`INSERT INTO position (one, epoch, seq, pruned) VALUES (1, ${epoch()}, 0, 0)`.execute(transaction)
      }
    }
    await transaction
      .updateTable('position')
      .set({ subject_key: createSubjectKey() })
      .where('subject_key', 'is', null)
      .execute()
    await sql`INSERT INTO version VALUES (1, ${STEPS.length}) ON CONFLICT (one) DO UPDATE SET version = ${STEPS.length}`.execute(
      transaction,
    )
  })
}

/** What is acknowledged must be on disk. Errors: `ERR_AUTHORITY_STORE_UNSAFE`. */
export async function requireDurable(db: Kysely<Tables>): Promise<void> {
  for (const [name, wanted] of [
    ['fsync', 'on'],
    ['synchronous_commit', 'on'],
    ['full_page_writes', 'on'],
  ] as const) {
    const { rows } = await sql<{ setting: string }>`SELECT current_setting(${name}) AS setting`.execute(db)
    if (rows[0]?.setting === wanted) continue
    throw new AuthorityError('ERR_AUTHORITY_STORE_UNSAFE', `PostgreSQL runs with \`${name}\` not \`${wanted}\``, {
      hint: `set \`${name} = ${wanted}\`: a revocation that was acknowledged must outlast a power cut`,
    })
  }
}
