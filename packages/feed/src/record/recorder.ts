// Decision records on their way to the authority. Recording never waits and never throws; what has no room is counted, and
// the count is itself a record.
// INVARIANT: every decision has its number, kept or not; what was sent is sent again unchanged until it is taken, so the
// authority may hear a record twice and keeps it once, by (start, n).

import { randomUUID } from 'node:crypto'
import { createBackoff } from '../client/backoff.ts'
import { wait } from '../client/timer.ts'
import { systemNow } from '../clock.ts'
import { FeedError } from '../errors.ts'
import { type Credentials, createAuthority } from '../wire/authority.ts'
import type { DecisionRecord, DecisionReport } from './decision-record.ts'

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
  /** Records that may wait. Default 10 000. */
  readonly capacity?: number
  /** `count`: what has no room is dropped, and a record says how many were. */
  readonly whenFull?: 'count'
  /** Records of one request. Default 500. */
  readonly batchSize?: number
  /** How long a record may wait for company. Default 1000. */
  readonly intervalMilliseconds?: number
  readonly requestTimeoutMilliseconds?: number
  /** Called when sending fails, and when records are refused for good (`ERR_FEED_RECORD`). */
  readonly onError?: (error: FeedError) => void
}

export interface Recorder {
  /** Numbers and keeps a record; answers it. Constant time. */
  record(report: DecisionReport): DecisionRecord
  /** Sends what waits; true when all of it was taken. */
  flush(): Promise<boolean>
  /** Records that wait. */
  readonly waiting: number
  /** Records that were lost in this start. */
  readonly lost: number
  /** Sends what waits, once, and ends. */
  close(): Promise<void>
}

/** Throws `ERR_FEED_URL`. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { service, now = systemNow, start = randomUUID(), capacity = 10_000, batchSize = 500 } = options
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
  let waiting: DecisionRecord[] = []
  let n = 0
  let lost = 0
  let unreported = 0
  let sending: Promise<boolean> | undefined
  let running: Promise<void> | undefined

  function number(report: DecisionReport): DecisionRecord {
    n += 1
    const at = new Date(now() * 1000).toISOString()
    return Object.freeze({ ...report, id: `${start}.${n}`, n, start, service, at })
  }

  function lose(count: number): void {
    lost += count
    unreported += count
  }

  /** A batch, with a record of what was lost before it. That one has room beyond the capacity. */
  function nextBatch(): readonly DecisionRecord[] {
    if (unreported > 0) {
      waiting.push(Object.freeze({ ...number(LOSS), lost: unreported }))
      unreported = 0
    }
    return waiting.slice(0, batchSize)
  }

  async function send(): Promise<boolean> {
    for (let batch = nextBatch(); batch.length > 0; batch = nextBatch()) {
      try {
        const { refused } = await authority.post('/v1/decisions', { start, records: batch }, closing.signal)
        waiting = waiting.slice(batch.length)
        if (refused !== undefined) {
          lose(batch.filter(({ lost }) => lost === undefined).length)
          onError(new FeedError('ERR_FEED_RECORD', undefined, { status: refused }))
          // a loss that cannot be reported either must not be reported for ever
          if (batch.every((record) => record.lost !== undefined)) return false
        }
      } catch (cause) {
        onError(cause instanceof FeedError ? cause : new FeedError('ERR_FEED_FETCH', undefined, { cause }))
        return false
      }
    }
    backoff.reset()
    return true
  }

  function flush(): Promise<boolean> {
    sending ??= send().finally(() => {
      sending = undefined
    })
    return sending
  }

  async function run(): Promise<void> {
    await wait(intervalMilliseconds, stopping.signal)
    while (!stopping.signal.aborted && waiting.length + unreported > 0) {
      if (!(await flush())) await wait(backoff.next(), stopping.signal)
    }
  }

  return {
    record(report) {
      const record = number(report)
      if (closing.signal.aborted || waiting.length >= capacity) lose(1)
      else waiting.push(record)
      running ??= run().finally(() => {
        running = undefined
      })
      return record
    },
    flush,
    get waiting() {
      return waiting.length
    },
    get lost() {
      return lost
    },
    async close() {
      stopping.abort()
      await flush()
      closing.abort(new FeedError('ERR_FEED_CLOSED'))
      await running
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
