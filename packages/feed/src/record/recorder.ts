// Decision records on their way to the authority. Recording never waits for the authority and never throws; what has no room is
// counted, and the count is itself a record, or it waits in a file, or it is said beforehand that it has none.
// INVARIANT: every decision has its number, kept or not; what was sent is sent again unchanged until it is taken, so the
// authority may hear a record twice and keeps it once, by (start, n). The records of a start and what they stand for (`lost`, `repeats`) add
// up to its highest number.

import { randomUUID } from 'node:crypto'
import { createBackoff } from '../client/backoff.ts'
import { wait } from '../client/timer.ts'
import { systemNow } from '../clock.ts'
import { FeedError } from '../errors.ts'
import { type Credentials, createAuthority } from '../wire/authority.ts'
import { boundedReport } from './bounded-report.ts'
import { type DecisionRecord, type DecisionReport, decisionsIn } from './decision-record.ts'
import { createDelivery } from './delivery.ts'
import { createFloods, type FloodOptions } from './floods.ts'
import type { Spool } from './spool.ts'
import { createWaiting } from './waiting.ts'

export interface RecorderOptions {
  /** The issuer's URL. */
  readonly url: string
  readonly credentials: Credentials
  /** The name that the service goes by in the log. The authority adds whose credentials it came with. */
  readonly service: string
  readonly fetch?: typeof globalThis.fetch
  /** Unix seconds, with fraction. */
  readonly now?: () => number
  /** From 0 to 1, for spreading retries. */
  readonly random?: () => number
  /** Names this start. Default a random UUID. */
  readonly start?: string
  /** Records that may wait in memory, and as many again that must be kept. Default 10 000. */
  readonly capacity?: number
  /** Where records wait that a restart must not lose. Records of former starts in it are sent first. Closed with the recorder. */
  readonly spool?: Spool
  /** When equal denials are counted and not kept one by one. */
  readonly floods?: Omit<FloodOptions, 'now'>
  /** Records of one request. Default 500. */
  readonly batchSize?: number
  /** How long a record may wait for company. Default 1000. */
  readonly intervalMilliseconds?: number
  readonly requestTimeoutMilliseconds?: number
  /** Called when sending fails, and when records are refused for good (`ERR_FEED_RECORD`). */
  readonly onError?: (error: FeedError) => void
}

/**
 * What happens to a record that has no room in memory. `count`: it is dropped, and a record says how many were. `spill`: it waits in
 * the file; so does everything of this kind while the authority takes no records.
 */
export type WhenFull = 'count' | 'spill'

export interface Recorder {
  /** Numbers and keeps a record; answers it. Default `count`. */
  record(report: DecisionReport, whenFull?: WhenFull): DecisionRecord
  /**
   * Keeps a record before what it tells of happens: in the file, if there is one, else in memory. `undefined` when it cannot be kept:
   * then nothing is recorded, and it must not happen.
   */
  keep(report: DecisionReport): DecisionRecord | undefined
  /** Sends what waits; true when all of it was taken. */
  flush(): Promise<boolean>
  /** Records that wait in memory. */
  readonly waiting: number
  /** Decisions that no record tells of, in this start. */
  readonly lost: number
  /** Sends what waits, once, and ends; what was not taken waits in the file. */
  close(): Promise<void>
}

/** Throws `ERR_FEED_URL`. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { service, now = systemNow, start = randomUUID(), capacity = 10_000, batchSize = 500, spool } = options
  const { intervalMilliseconds = 1000, random = Math.random, onError = () => {} } = options
  const authority = createAuthority({
    url: options.url,
    credentials: options.credentials,
    fetch: options.fetch ?? globalThis.fetch,
    timeoutMilliseconds: options.requestTimeoutMilliseconds ?? 10_000,
  })
  const closing = new AbortController()
  const stopping = new AbortController()
  const backoff = createBackoff({ maxMilliseconds: 30_000, random })
  const floods = createFloods({ ...options.floods, now })
  const waiting = createWaiting(capacity)
  const delivery = createDelivery({ authority, signal: closing.signal, onError, onLost: loseRefused })
  let n = 0
  let lost = 0
  let unreported = 0
  /** The authority took nothing when it was last asked: what a restart must not lose goes to the file at once. */
  let isAway = false
  let lastAt = { milliseconds: Number.NaN, text: '' }
  let sending: Promise<boolean> | undefined
  let running: Promise<void> | undefined

  function number(report: DecisionReport): DecisionRecord {
    n += 1
    return Object.freeze({ ...boundedReport(report), id: `${start}.${n}`, n, start, service, at: timeOf() })
  }

  /** Many decisions are made in one millisecond, and the text of a time is the dearest part of a record. */
  function timeOf(): string {
    const milliseconds = Math.floor(now() * 1000)
    if (milliseconds !== lastAt.milliseconds) lastAt = { milliseconds, text: new Date(milliseconds).toISOString() }
    return lastAt.text
  }

  function lose(count: number): void {
    lost += count
    unreported += count
  }

  /** A loss that was told in vain is told again with what else was lost; it is not lost twice. */
  function loseRefused(records: readonly DecisionRecord[]): void {
    const [losses, others] = [records.filter(isLoss), records.filter((record) => !isLoss(record))]
    lose(sumOf(others))
    if (others.length > 0) unreported += sumOf(losses)
  }

  /** Finds a place for it, or counts what it tells of. */
  function place(record: DecisionRecord, whenFull: WhenFull): void {
    if (closing.signal.aborted) return lose(decisionsIn(record))
    if (whenFull === 'spill' && spool !== undefined && (isAway || !waiting.hasRoom)) {
      if (!isAway) spill()
      if (spool.append(record)) return
    }
    if (!waiting.add(record, whenFull)) lose(decisionsIn(record))
  }

  /** What waits in memory and a restart must not lose goes to the file, as far as there is room; `all` of it at the end. */
  function spill(all = false): void {
    if (spool !== undefined) waiting.moveTo((record, isKept) => spool.append(record, isKept), all)
  }

  function placeDue(all = false): void {
    for (const record of floods.due(all)) place(record, 'spill')
  }

  function begin(): void {
    running ??= run().finally(() => {
      running = undefined
      // what came while it ended
      if (hasWork() && !stopping.signal.aborted) begin()
    })
  }

  /** With a record of what was lost before it, which has room beyond the capacity. */
  function nextBatch(): readonly DecisionRecord[] {
    addLoss()
    return waiting.take(batchSize)
  }

  function addLoss(): void {
    lose(spool?.takeDamaged() ?? 0)
    if (unreported === 0) return
    waiting.addLoss(Object.freeze({ ...number(LOSS), lost: unreported }))
    unreported = 0
  }

  async function sendSpool(from: Spool): Promise<void> {
    for (let batch = from.head(batchSize); batch.length > 0; batch = from.head(batchSize)) {
      await delivery.deliver(batch)
      from.drop()
    }
  }

  async function sendWaiting(): Promise<boolean> {
    for (let batch = nextBatch(); batch.length > 0; batch = nextBatch()) {
      const { isRefused } = await delivery.deliver(batch)
      waiting.drop()
      // a loss that cannot be reported either must not be reported for ever
      if (isRefused && batch.every(isLoss)) return false
    }
    return true
  }

  async function send(): Promise<boolean> {
    try {
      placeDue()
      if (spool !== undefined) await sendSpool(spool)
      const isSent = await sendWaiting()
      isAway = false
      if (isSent) backoff.reset()
      return isSent
    } catch (cause) {
      waiting.putBack()
      isAway = true
      spill()
      onError(cause instanceof FeedError ? cause : new FeedError('ERR_FEED_FETCH', undefined, { cause }))
      return false
    }
  }

  function flush(): Promise<boolean> {
    sending ??= send().finally(() => {
      sending = undefined
    })
    return sending
  }

  function hasWork(): boolean {
    return waiting.size + unreported > 0 || floods.isOpen || spool?.isEmpty === false
  }

  async function run(): Promise<void> {
    let milliseconds = intervalMilliseconds
    do {
      await wait(milliseconds, stopping.signal)
      if (stopping.signal.aborted) return
      milliseconds = (await flush()) ? intervalMilliseconds : backoff.next()
    } while (hasWork())
  }

  lose(spool?.takeDamaged() ?? 0)
  if (hasWork()) begin()

  return {
    record(report, whenFull = 'count') {
      const record = number(report)
      if (closing.signal.aborted || !floods.fold(record)) place(record, whenFull)
      begin()
      return record
    },
    keep(report) {
      if (closing.signal.aborted) return undefined
      const record = number(report)
      if (spool === undefined ? waiting.add(record, 'keep') : spool.append(record, true)) {
        begin()
        return record
      }
      // it does not happen, so it has no number
      n -= 1
      return undefined
    },
    flush,
    get waiting() {
      return waiting.size
    },
    get lost() {
      return lost
    },
    async close() {
      stopping.abort()
      placeDue(true)
      await flush()
      placeDue(true)
      closing.abort(new FeedError('ERR_FEED_CLOSED'))
      await running
      if (spool === undefined) return
      spill(true)
      lose(sumOf(waiting.discard()))
      addLoss()
      spill(true)
      spool.close()
    },
  }
}

const LOSS: DecisionReport = {
  decision: 'deny',
  reason: 'records_lost',
  policies: [],
  checkpoint: 'authenticate',
  correlation: '',
}

function isLoss({ lost }: DecisionRecord): boolean {
  return lost !== undefined
}

function sumOf(records: readonly DecisionRecord[]): number {
  return records.reduce((sum, record) => sum + decisionsIn(record), 0)
}
