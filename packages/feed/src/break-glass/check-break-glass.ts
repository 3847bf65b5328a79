// Whether an opened break-glass statement is for this guard, at this time. Every comparison is written so that a clock that says nonsense
// refuses.

import { FeedError, type FeedErrorCode } from '../errors.ts'
import type { BreakGlass } from './break-glass.ts'

/** Who asks, and when. */
export interface BreakGlassPlace {
  readonly issuer: string
  readonly audience: string
  /** The guard's enrolled client. */
  readonly client: string
  /** Of the log that the guard follows. */
  readonly epoch: string
  /** Unix seconds. */
  readonly nowSeconds: number
}

/**
 * Throws `ERR_FEED_BREAK_GLASS_FOREIGN`, `ERR_FEED_BREAK_GLASS_EPOCH`, `ERR_FEED_BREAK_GLASS_EXPIRED`, `ERR_FEED_BREAK_GLASS_AHEAD`.
 */
export function checkBreakGlass(statement: BreakGlass, place: BreakGlassPlace): void {
  const code = faultOf(statement, place)
  if (code !== undefined) throw new FeedError(code)
}

/** The same as a question. */
export function isBreakGlassFor(statement: BreakGlass, place: BreakGlassPlace): boolean {
  return faultOf(statement, place) === undefined
}

function faultOf(
  { iss, aud, clients, epoch, iat, exp }: BreakGlass,
  { issuer, audience, client, epoch: followed, nowSeconds }: BreakGlassPlace,
): FeedErrorCode | undefined {
  if (iss !== issuer || aud !== audience) return 'ERR_FEED_BREAK_GLASS_FOREIGN'
  if (clients !== undefined && !clients.includes(client)) return 'ERR_FEED_BREAK_GLASS_FOREIGN'
  if (epoch !== followed) return 'ERR_FEED_BREAK_GLASS_EPOCH'
  if (!(nowSeconds < exp)) return 'ERR_FEED_BREAK_GLASS_EXPIRED'
  if (!(nowSeconds >= iat)) return 'ERR_FEED_BREAK_GLASS_AHEAD'
  return undefined
}
