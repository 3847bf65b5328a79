// The authority's decisions about its own callers, kept in the same log as everybody's: all that were denied, and all that
// changed something. What guards ask all day (the feed) is kept when it is denied.

import type { DecisionEvent } from '@cardea/guard'
import type { Logger } from 'pino'
import type { DecisionRow } from '../store/records.ts'
import type { Store } from '../store/store.ts'

const SENDER = 'authority'
/** Decisions that may wait for the store. A flood of denials beyond it is counted. */
const MAX_WAITING = 1000

const READS: ReadonlySet<string> = new Set([
  'followFeed',
  'viewGrant',
  'recordDecisions',
  'readLog',
  'readPolicy',
  'readKeys',
])

export interface OwnDecisions {
  /** Never throws and never waits. */
  add(this: void, event: DecisionEvent): void
  /** Resolves when all that was added is kept. */
  flush(): Promise<void>
}

export function createOwnDecisions(store: Store, log: Logger): OwnDecisions {
  let waiting: DecisionRow[] = []
  let lost = 0
  let writing: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    const rows = waiting
    waiting = []
    if (lost > 0) log.error({ lost }, 'decisions about the own API were lost')
    lost = 0
    if (rows.length > 0) await store.write((transaction) => transaction.insertDecisions(rows))
  }

  return {
    add(event) {
      if (event.decision === 'allow' && READS.has(event.action ?? '')) return
      if (waiting.length >= MAX_WAITING) {
        lost += 1
        return
      }
      waiting.push(rowOf(event))
      if (waiting.length > 1) return
      writing = writing.then(write).catch((error: unknown) => log.error({ err: error }, 'decisions could not be kept'))
    },
    flush: () => writing,
  }
}

function rowOf(event: DecisionEvent): DecisionRow {
  const { start, n, at, decision, reason, action, principal, tenant, policies } = event
  return {
    sender: SENDER,
    start,
    n,
    at,
    decision,
    reason,
    action,
    principal,
    tenant,
    policies,
    record: JSON.stringify(event),
  }
}
