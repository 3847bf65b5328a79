// The records of decisions as a chain, inside one transaction. INVARIANT: the end of the chain is one row that is updated in the transaction that
// adds to it, and writes come one at a time over all authorities of a database, so there is one chain and no fork.

import { type AuditHead, chainEntry, type ChainedEntry, eraseEntry } from '@cardea/feed'
import { type Kysely, sql } from 'kysely'
import type { AuditState, DecisionRow } from './records.ts'
import { chainedOf, decisionRow } from './row/audit-rows.ts'
import type { Tables } from './tables.ts'

const ROWS_AN_INSERT = 500
const ERASED_AT_ONCE = 500
const DAY_SECONDS = 86_400

export async function auditState(db: Kysely<Tables>): Promise<AuditState> {
  const row = await db.selectFrom('audit').selectAll().executeTakeFirstOrThrow()
  return {
    head: { count: row.count, hash: row.hash },
    pruned: { count: row.pruned_count, hash: row.pruned_hash },
  }
}

/** Those that are not there yet, each once. Answers how many. */
export async function appendDecisions(
  db: Kysely<Tables>,
  rows: readonly DecisionRow[],
  keptAtSeconds: number,
): Promise<number> {
  const fresh = await withoutKnown(db, rows)
  if (fresh.length === 0) return 0
  let { head } = await auditState(db)
  const chained = fresh.map((row) => {
    const entry = chainEntry(head, { keptAtSeconds, sender: row.sender, record: JSON.parse(row.record) })
    head = entry
    return decisionRow(row, entry)
  })
  for (let start = 0; start < chained.length; start += ROWS_AN_INSERT) {
    await db
      .insertInto('decisions')
      .values(chained.slice(start, start + ROWS_AN_INSERT))
      .execute()
  }
  await db.updateTable('audit').set({ count: head.count, hash: head.hash }).execute()
  return fresh.length
}

async function withoutKnown(db: Kysely<Tables>, rows: readonly DecisionRow[]): Promise<DecisionRow[]> {
  const taken = new Set<string>()
  const fresh: DecisionRow[] = []
  for (const group of Map.groupBy(rows, ({ sender }) => sender).values()) {
    for (const known of await knownOf(db, group)) taken.add(known)
    for (const row of group) {
      const name = nameOf(row)
      if (taken.has(name)) continue
      taken.add(name)
      fresh.push(row)
    }
  }
  return fresh
}

/** Those of one sender that are there. A guard sends many numbers of one start, an OPA one each of many. */
async function knownOf(db: Kysely<Tables>, rows: readonly DecisionRow[]): Promise<readonly string[]> {
  const [{ sender } = { sender: '' }] = rows
  const numbers = rows.map(({ n }) => n)
  const starts = [...new Set(rows.map(({ start }) => start))]
  const known: string[] = []
  for (let first = 0; first < starts.length; first += ROWS_AN_INSERT) {
    const found = await db
      .selectFrom('decisions')
      .select(['sender', 'start', 'n'])
      .where('sender', '=', sender)
      .where('start', 'in', starts.slice(first, first + ROWS_AN_INSERT))
      .where(
        'n',
        '>=',
        numbers.reduce((least, n) => Math.min(least, n)),
      )
      .where(
        'n',
        '<=',
        numbers.reduce((most, n) => Math.max(most, n)),
      )
      .execute()
    known.push(...found.map(nameOf))
  }
  return known
}

function nameOf({ sender, start, n }: Pick<DecisionRow, 'sender' | 'start' | 'n'>): string {
  return JSON.stringify([sender, start, n])
}

export async function entriesAfter(db: Kysely<Tables>, count: number, limit: number): Promise<ChainedEntry[]> {
  const rows = await db
    .selectFrom('decisions')
    .selectAll()
    .where('count', '>', count)
    .orderBy('count')
    .limit(limit)
    .execute()
  return rows.map(chainedOf)
}

/** Some of what says something of the entity: as who decided, or as what it was about. Answers how many. */
export async function eraseSome(db: Kysely<Tables>, tenant: string, entity: string): Promise<number> {
  const asResource = `%${likeText(`"resource":${JSON.stringify(entity)}`)}%`
  const rows = await db
    .selectFrom('decisions')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('salt', 'is not', null)
    .where((eb) => eb.or([eb('principal', '=', entity), sql<boolean>`record_json LIKE ${asResource} ESCAPE '\\'`]))
    .limit(ERASED_AT_ONCE)
    .execute()
  for (const row of rows) {
    const { record } = eraseEntry(chainedOf(row))
    await db
      .updateTable('decisions')
      .set({ record_json: JSON.stringify(record), principal: null, salt: null })
      .where('count', '=', row.count)
      .execute()
  }
  return rows.length
}

/** A text as itself in a pattern of LIKE. */
function likeText(text: string): string {
  return text.replaceAll(/[\\%_]/g, (special) => `\\${special}`)
}

/**
 * Old records go up to a checkpoint, which vouches for what was there. Those from before there was a chain go by their time.
 */
export async function pruneDecisions(db: Kysely<Tables>, beforeSeconds: number): Promise<void> {
  await db
    .deleteFrom('decisions')
    .where('count', 'is', null)
    .where('at', '<', new Date(beforeSeconds * 1000).toISOString())
    .execute()
  const last = await lastCheckpointBefore(db, beforeSeconds)
  if (last === undefined) return
  await db.deleteFrom('decisions').where('count', '<=', last.count).execute()
  await db.deleteFrom('checkpoints').where('count', '<', last.count).execute()
  await db.updateTable('audit').set({ pruned_count: last.count, pruned_hash: last.hash }).execute()
}

/** Of those older than a day the last of each hour stays. */
export async function thinCheckpoints(db: Kysely<Tables>, nowSeconds: number): Promise<void> {
  const lasting = db
    .selectFrom('checkpoints')
    .select((eb) => eb.fn.max('count').as('count'))
    .groupBy(sql`at / 3600`)
  await db
    .deleteFrom('checkpoints')
    .where('at', '<', nowSeconds - DAY_SECONDS)
    .where('count', 'not in', lasting)
    .execute()
}

async function lastCheckpointBefore(db: Kysely<Tables>, beforeSeconds: number): Promise<AuditHead | undefined> {
  const { pruned } = await auditState(db)
  return db
    .selectFrom('checkpoints')
    .select(['count', 'hash'])
    .where('at', '<=', beforeSeconds)
    .where('count', '>', pruned.count)
    .orderBy('count', 'desc')
    .limit(1)
    .executeTakeFirst()
}
