// A batch of records to the authority. One that it refuses for good is halved until the record that it minds stands alone: that one is
// lost and counted, and takes nobody else's with it.

import { FeedError } from '../errors.ts'
import type { Authority } from '../wire/authority.ts'
import type { DecisionRecord } from './decision-record.ts'

export interface DeliveryOptions {
  readonly authority: Pick<Authority, 'post'>
  readonly signal: AbortSignal
  /** `ERR_FEED_RECORD`. */
  readonly onError: (error: FeedError) => void
  /** The records that were refused for good. */
  readonly onLost: (records: readonly DecisionRecord[]) => void
}

export interface Delivery {
  /**
   * The records are of one start. Resolves when each was taken or refused for good; `isRefused` when any was. Throws what sending throws:
   * then all of it is sent again, and what was taken counts once.
   */
  deliver(records: readonly DecisionRecord[]): Promise<{ readonly isRefused: boolean }>
}

/** Statuses that speak of what was sent: form, size, meaning. */
const OF_THE_CONTENT: ReadonlySet<number> = new Set([400, 413, 422])
/** A batch that is refused whole is not asked about one by one. */
const MOST_REQUESTS = 64

export function createDelivery({ authority, signal, onError, onLost }: DeliveryOptions): Delivery {
  return {
    async deliver(records) {
      const queue = [records]
      let isRefused = false
      for (let requests = 1, part = queue.pop(); part !== undefined; requests += 1, part = queue.pop()) {
        const start = part[0]?.start
        const { refused } = await authority.post('/v1/decisions', { start, records: part }, signal)
        if (refused === undefined) continue
        if (part.length > 1 && requests < MOST_REQUESTS && OF_THE_CONTENT.has(refused)) {
          const middle = Math.ceil(part.length / 2)
          queue.push(part.slice(middle), part.slice(0, middle))
          continue
        }
        isRefused = true
        onLost(part)
        onError(new FeedError('ERR_FEED_RECORD', undefined, { status: refused }))
      }
      return { isRefused }
    },
  }
}
