// The end of a permission, as an `AbortSignal`: expiry, revocation, or news that are too old. Costs nothing until it is asked for.

import type { VerifiedToken } from '@cardea/token'
import type { Schedule } from '../clock.ts'
import type { ActionRule } from '../edition/action-rule.ts'
import type { Source } from '../source/source.ts'
import { LapsedError } from '../errors.ts'
import { lapseOf, secondsUntilStale } from './standing.ts'

export interface LifetimeOptions {
  readonly token: VerifiedToken
  readonly source: Source
  readonly schedule: Schedule
  readonly toleranceSeconds: number
  /** Of the actions allowed so far: the permission ends with the first of them that does. */
  readonly rules: () => readonly ActionRule[]
}

export interface Lifetime {
  readonly signal: AbortSignal
  /** Another action was allowed: its bound may be the next that is reached. */
  look(): void
  /** Stops watching; the signal stays as it is. */
  close(): void
}

/** Its signal's `reason` is a `LapsedError`. It looks again at every change in the source and whenever a bound may be reached. */
export function createLifetime(options: LifetimeOptions): Lifetime {
  const { token, source, schedule, toleranceSeconds } = options
  const controller = new AbortController()
  let cancel = (): void => {}
  const unsubscribe = source.subscribe(look)
  look()
  return { signal: controller.signal, look, close }

  function look(): void {
    cancel()
    if (controller.signal.aborted) return
    const lapse = rules()
      .map((rule) => lapseOf(token, source, toleranceSeconds, rule))
      .find((found) => found !== undefined)
    if (lapse === undefined) {
      cancel = schedule(secondsToLook() * 1000, look)
      return
    }
    close()
    controller.abort(new LapsedError(lapse.reason))
  }

  /** Until the token expires or the news reach a bound, whichever is sooner; never a busy loop. */
  function secondsToLook(): number {
    const untilExpiry = token.claims.exp + toleranceSeconds - source.now()
    const untilStale = source.mode === 'standalone' ? [] : rules().map((rule) => secondsUntilStale(token, source, rule))
    return Math.max(LEAST_SECONDS, Math.min(untilExpiry, ...untilStale))
  }

  /** Before the first allow, what holds for the token by itself. */
  function rules(): readonly (ActionRule | undefined)[] {
    const allowed = options.rules()
    return allowed.length === 0 ? [undefined] : allowed
  }

  function close(): void {
    cancel()
    unsubscribe()
  }
}

const LEAST_SECONDS = 0.05
