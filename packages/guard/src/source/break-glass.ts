// The break-glass statement of a guard, if an operator has put one into its file: looked at every second, verified anew each time. One that
// is refused opens nothing. What it says of killed keys is kept for as long as this guard runs: a key that was killed stays so.

import {
  type BreakGlass,
  type BreakGlassPlace,
  checkBreakGlass,
  FeedError,
  isBreakGlassFor,
  openBreakGlass,
} from '@cardea/feed'
import type { KeySource, VerifiedToken } from '@cardea/token'
import type { Schedule } from '../clock.ts'
import type { GuardLog, LogFields } from '../log.ts'
import { causeText, type OperatorLog } from '../operator-log.ts'

export interface BreakGlassWatch {
  /** Looks now, and from then on every second. Never throws. */
  look(): Promise<void>
  /** The statement that counts now for the action; without an action, for any. Constant time. */
  covering(action?: string): BreakGlass | undefined
  /** Whether a statement said that a key of the token, or of what it was derived from, was killed. */
  isKilled(token: VerifiedToken): boolean
  /** Called when a statement begins to count or ends. */
  subscribe(listener: () => void): () => void
  close(): void
}

export interface BreakGlassOptions {
  /** The text of the file; `undefined` for none. May throw `ERR_FEED_BREAK_GLASS_FILE`. */
  readonly load: () => string | undefined
  /** The pinned keys of bundles. */
  readonly keys: KeySource
  /** What a statement must be for, as of now. */
  readonly place: () => BreakGlassPlace
  readonly schedule: Schedule
  readonly log: GuardLog
  readonly operator: OperatorLog
}

/** For a guard without such a file. */
export const NO_BREAK_GLASS: BreakGlassWatch = Object.freeze({
  look: () => Promise.resolve(),
  covering: () => undefined,
  isKilled: () => false,
  subscribe: () => () => {},
  close: () => {},
})

const LOOK_MILLISECONDS = 1000

export function createBreakGlassWatch(options: BreakGlassOptions): BreakGlassWatch {
  const { load, keys, place, schedule, log, operator } = options
  const listeners = new Set<() => void>()
  const killed = new Set<string>()
  let current: BreakGlass | undefined
  let cancel = (): void => {}
  let isClosed = false

  async function look(): Promise<void> {
    const found = await read()
    if (isClosed) return
    if (found?.jti !== current?.jti) change(found)
    current = found
    cancel()
    cancel = schedule(LOOK_MILLISECONDS, () => void look())
  }

  /** Any fault is no statement. */
  async function read(): Promise<BreakGlass | undefined> {
    try {
      const text = load()
      if (text === undefined) return undefined
      const statement = await openBreakGlass(text, keys)
      checkBreakGlass(statement, place())
      return statement
    } catch (error) {
      const code = error instanceof FeedError ? error.code : 'ERR_FEED_BREAK_GLASS_SIGNATURE'
      operator.warn(code, REFUSED, { code, cause: causeText(error), hint: HINTS.get(code) ?? HINT })
      return undefined
    }
  }

  /** Loud, whatever the level is that somebody looks at: a bound is off, or on again. */
  function change(found: BreakGlass | undefined): void {
    if (current !== undefined) log.error(ENDED, { breakGlass: current.jti })
    current = found
    if (found !== undefined) {
      for (const kid of found.killed) killed.add(kid)
      log.error(BEGUN, fieldsOf(found))
    }
    for (const listener of listeners) listener()
  }

  return {
    look,
    covering(action) {
      if (current === undefined || !isBreakGlassFor(current, place())) return undefined
      if (action === undefined || current.actions === undefined) return current
      return current.actions.includes(action) ? current : undefined
    },
    isKilled: ({ keyId, claims }) =>
      killed.size > 0 &&
      (killed.has(keyId) || claims.derived_from?.some(({ kid }) => kid !== undefined && killed.has(kid)) === true),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      isClosed = true
      cancel()
      current = undefined
    },
  }
}

const BEGUN = 'BREAK-GLASS: older news than the actions accept are taken until it ends'
const ENDED = 'BREAK-GLASS has ended: the actions have their own bounds again'
const REFUSED = 'a break-glass statement is refused and extends nothing'

function fieldsOf({ jti, exp, maxStaleSeconds, actions }: BreakGlass): LogFields {
  const until = new Date(exp * 1000).toISOString()
  return { breakGlass: jti, until, maxStaleSeconds, ...(actions === undefined ? {} : { actions }) }
}

const HINT = 'see `cardea break-glass inspect FILE`; take the file away when it is not needed'
const HINTS: ReadonlyMap<string, string> = new Map([
  ['ERR_FEED_BREAK_GLASS_FILE', 'a plain file of this user or of root, that nobody else may write (mode 644)'],
  ['ERR_FEED_BREAK_GLASS_SIGNATURE', 'it must be signed by a key that is pinned here as `bundleKeys`'],
  ['ERR_FEED_BREAK_GLASS_EXPIRED', 'take the file away, or make another: `cardea break-glass`'],
  ['ERR_FEED_BREAK_GLASS_AHEAD', 'it counts when its time has come by the clock of this machine: is that set by NTP?'],
])
