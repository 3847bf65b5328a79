// The authority's decisions about its own callers, kept in the same log as everybody's: all that were denied, and all that
// changed something. What guards ask all day (the feed) is kept when it is denied.
// INVARIANT: what cannot be written waits for the next time, and `flush` says so: nothing is acknowledged whose record is not kept.

import { randomUUID } from 'node:crypto'
import type { BreakGlass, DecisionReport } from '@cardea/feed'
import type { DecisionEvent } from '@cardea/guard'
import type { Logger } from 'pino'
import { decisionRowOf } from '../store/decision-row.ts'
import type { DecisionRow } from '../store/records.ts'
import type { Store } from '../store/store.ts'

const SENDER = 'authority'
/** Denials that may wait for the store. */
const MAX_WAITING = 1000
/** A commit waits for the disk, so decisions wait for each other: so many, or so long. */
const WRITTEN_TOGETHER = 250
const TOGETHER_MILLISECONDS = 50
const AGAIN_MILLISECONDS = 1000
const NOBODYS_A_MINUTE = 300

const READS: ReadonlySet<string> = new Set([
  'followFeed',
  'viewGrant',
  'readGrantSet',
  'recordDecisions',
  'readLog',
  'readPolicy',
  'readKeys',
  'readGuards',
])

/** What guards cannot say: why somebody wanted it, in their words, and what was signed for it. */
export type OwnReport = DecisionReport & { readonly note?: string; readonly statement?: BreakGlass }

export interface OwnDecisions {
  /** What the guard decided. Never throws and never waits. */
  add(this: void, event: DecisionEvent): void
  /** What was decided without the guard: who got a token, and who did not. */
  report(report: OwnReport): void
  /** Keeps what waits; resolves when all that was added is kept. Errors: those of the store. */
  flush(): Promise<void>
}

export function createOwnDecisions(store: Store, now: () => number, log: Logger): OwnDecisions {
  const start = randomUUID()
  let n = 0
  let waiting: DecisionRow[] = []
  let lost = 0
  let writing: Promise<void> = Promise.resolve()

  let timer: NodeJS.Timeout | undefined

  /** One after the other. */
  function writeNow(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing = writing.catch(() => {}).then(write)
    return writing
  }

  function writeUnheard(): void {
    writeNow().catch((error: unknown) => {
      log.error({ err: error }, 'decisions could not be kept, and wait')
      timer ??= setTimeout(writeUnheard, AGAIN_MILLISECONDS).unref()
    })
  }

  async function write(): Promise<void> {
    const rows = waiting
    waiting = []
    if (lost > 0) log.error({ lost }, 'decisions about the own API were lost')
    lost = 0
    if (rows.length === 0) return
    try {
      await store.write((transaction) => transaction.insertDecisions(rows))
    } catch (error) {
      // a row that is there after all is left alone
      waiting = [...rows, ...waiting]
      throw error
    }
  }

  let minute = 0
  let nobodys = 0

  /** Denials of nobody in particular cost the caller nothing, so they are bounded and beyond that counted. */
  function isFlood({ principal }: DecisionReport): boolean {
    if (principal !== undefined) return false
    const current = Math.floor(now() / 60)
    if (current !== minute) [minute, nobodys] = [current, 0]
    nobodys += 1
    return nobodys > NOBODYS_A_MINUTE
  }

  function add(event: DecisionEvent): void {
    if (event.decision === 'allow' && READS.has(event.action ?? '')) return
    // who changed something is never left out
    if (event.decision === 'deny' && (waiting.length >= MAX_WAITING || isFlood(event))) {
      lost += 1
      return
    }
    waiting.push(decisionRowOf(event, SENDER))
    if (waiting.length === WRITTEN_TOGETHER) writeUnheard()
    else timer ??= setTimeout(writeUnheard, TOGETHER_MILLISECONDS).unref()
  }

  return {
    add,
    report(report) {
      n += 1
      add({ ...report, id: `${start}.${n}`, n, start, service: SENDER, at: new Date(now() * 1000).toISOString() })
    },
    flush: writeNow,
  }
}
