// Remembers which proofs were used. A port: this one lives in the process; a shared one closes the gap between nodes.

import { systemNow } from '../clock.ts'
import { TokenError } from '../errors.ts'

export interface ReplayStore {
  /** True if the key was not there and is now. One atomic step: of any number of parallel calls one gets true. */
  add(key: string): boolean | Promise<boolean>
  /** From when on the store has seen everything, in unix seconds: a proof made before could be a replay. */
  readonly sinceSeconds?: number
}

export interface ReplayStoreOptions {
  readonly now?: () => number
  /** How long a key is remembered: at least as long as a proof is accepted, before and after its own time. */
  readonly windowSeconds: number
  readonly maxEntries: number
}

/**
 * In memory, bounded. When it is full of keys that still count, `add` throws `ERR_TOKEN_DPOP_REPLAY_FULL`: forgetting one
 * would let it be used again. Constant time, amortised.
 */
export function createReplayStore({ now = systemNow, windowSeconds, maxEntries }: ReplayStoreOptions): ReplayStore {
  // In order of insertion, which is the order of their end, for as long as the clock does not go back.
  const ends = new Map<string, number>()
  // Time never goes back here: a clock that was set back must not make the oldest entry block those behind it.
  let latest = now()
  return {
    sinceSeconds: Math.floor(latest),
    add(key) {
      latest = Math.max(latest, now())
      for (const [known, end] of ends) {
        if (end > latest) break
        ends.delete(known)
      }
      if (ends.has(key)) return false
      if (ends.size >= maxEntries) throw new TokenError('ERR_TOKEN_DPOP_REPLAY_FULL')
      ends.set(key, latest + windowSeconds)
      return true
    },
  }
}
