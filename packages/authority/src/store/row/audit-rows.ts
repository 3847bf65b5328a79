// Records of decisions and what vouches for them, in its columns and out of them. What is parsed here was written here, so its shape is not
// checked again.

import type { ChainedEntry } from '@cardea/feed'
import type { CheckpointRecord, DecisionRow } from '../records.ts'
import type { Row } from '../tables.ts'

export function decisionOf(row: Row<'decisions'>): DecisionRow {
  return {
    sender: row.sender,
    start: row.start,
    n: row.n,
    at: row.at,
    decision: row.decision,
    reason: row.reason,
    action: row.action ?? undefined,
    principal: row.principal ?? undefined,
    tenant: row.tenant ?? undefined,
    policies: JSON.parse(row.policies),
    repeats: row.repeats ?? undefined,
    record: row.record_json,
  }
}

export function chainedOf(row: Row<'decisions'>): ChainedEntry {
  return {
    count: row.count ?? 0,
    keptAtSeconds: row.kept_at ?? 0,
    sender: row.sender,
    record: JSON.parse(row.record_json),
    salt: row.salt ?? undefined,
    hash: row.hash ?? '',
  }
}

export function checkpointOf({ count, hash, at, signed }: Row<'checkpoints'>): CheckpointRecord {
  return { count, hash, atSeconds: at, signed }
}

export function decisionRow(row: DecisionRow, { count, keptAtSeconds, salt, hash }: ChainedEntry): Row<'decisions'> {
  return {
    count,
    kept_at: keptAtSeconds,
    hash,
    salt: salt ?? null,
    sender: row.sender,
    start: row.start,
    n: row.n,
    at: row.at,
    decision: row.decision,
    reason: row.reason,
    action: row.action ?? null,
    principal: row.principal ?? null,
    tenant: row.tenant ?? null,
    policies: JSON.stringify(row.policies),
    repeats: row.repeats ?? null,
    record_json: row.record,
  }
}
