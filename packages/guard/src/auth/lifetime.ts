// The end of a permission, as an `AbortSignal`: expiry, revocation, or news that are too old. Costs nothing until it is asked for.

import type { VerifiedToken } from '@cardea/token'
import type { Schedule } from '../clock.ts'
import type { ActionRule } from '../edition/action-rule.ts'
import type { Source } from '../source/source.ts'
import { LapsedError } from '../errors.ts'
import { lapseOf } from './standing.ts'

export interface LifetimeOptions {
  readonly token: VerifiedToken
  readonly source: Source
  readonly schedule: Schedule
  readonly toleranceSeconds: number
  /** The rule with the tightest bound among the actions allowed so far. */
  readonly rule: () => ActionRule | undefined
}

export interface Lifetime {
  readonly signal: AbortSignal
  /** Stops watching; the signal stays as it is. */
  close(): void
}

/** Its signal's `reason` is a `LapsedError`. It looks again at every change in the source and whenever a bound may be reached. */
export function createLifetime(options: LifetimeOptions): Lifetime {
  const { token, source, schedule, toleranceSeconds, rule } = options
  const controller = new AbortController()
  let cancel = (): void => {}
  const unsubscribe = source.subscribe(look)
  look()
  return { signal: controller.signal, close }

  function look(): void {
    cancel()
    if (controller.signal.aborted) return
    const lapse = lapseOf(token, source, toleranceSeconds, rule())
    if (lapse === undefined) {
      cancel = schedule(secondsToLook() * 1000, look)
      return
    }
    close()
    controller.abort(new LapsedError(lapse.reason))
  }

  /** Until the token expires or the news reach the bound, whichever is sooner; never a busy loop. */
  function secondsToLook(): number {
    const { exp, iat } = token.claims
    const untilExpiry = exp + toleranceSeconds - source.now()
    const untilStale = (rule()?.maxStaleSeconds ?? exp - iat) - source.ageSeconds()
    return Math.max(LEAST_SECONDS, Math.min(untilExpiry, source.mode === 'standalone' ? untilExpiry : untilStale))
  }

  function close(): void {
    cancel()
    unsubscribe()
  }
}

const LEAST_SECONDS = 0.05
