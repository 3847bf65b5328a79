// Positions in the authority's log: a number that counts changes, within an epoch. Numbers order revocations; clocks do not.

import { FeedError } from './errors.ts'

export interface Position {
  /** Begins anew when a log was restored or lost its tail. Epochs have no order. */
  readonly epoch: string
  readonly seq: number
}

/** Negative, zero or positive as `left` is before, at or after `right`; `undefined` when they are of different epochs. */
export function comparePositions(left: Position, right: Position): number | undefined {
  return left.epoch === right.epoch ? left.seq - right.seq : undefined
}

/** `epoch.seq`: the header `Cardea-Position`. */
export function formatPosition({ epoch, seq }: Position): string {
  return `${epoch}.${seq}`
}

/** The position that the text says. Throws `ERR_FEED_POSITION`. */
export function parsePosition(text: string): Position {
  const match = TEXT.exec(text)
  return readPosition({ epoch: match?.[1], seq: Number(match?.[2]) })
}

/** A position from JSON. Throws `ERR_FEED_POSITION`. */
export function readPosition(json: unknown): Position {
  const { epoch, seq }: { epoch?: unknown; seq?: unknown } = typeof json === 'object' && json !== null ? json : {}
  if (
    typeof epoch !== 'string' ||
    !EPOCH.test(epoch) ||
    typeof seq !== 'number' ||
    !Number.isSafeInteger(seq) ||
    seq < 0
  ) {
    throw new FeedError('ERR_FEED_POSITION')
  }
  return Object.freeze({ epoch, seq })
}

const EPOCH = /^[A-Za-z0-9_-]{1,64}$/
const TEXT = /^([A-Za-z0-9_-]{1,64})\.(0|[1-9]\d{0,15})$/
