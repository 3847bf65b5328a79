// What an operator is told: faults that a setting, a clock or a network mends, each as one line that says what to do. A fault that
// lasts is said once a minute, with how often it came. The caller is told none of it.

import { TokenError } from '@cardea/token'
import type { GuardLog, LogFields } from './log.ts'
import type { Reason } from './reason.ts'

export interface OperatorLog {
  /** Something failed or was refused. `key` names the kind: of a kind one line a minute is written. */
  warn(key: string, message: string, fields: LogFields): void
  /** A refused request, if what refused it is not the caller's doing alone. */
  refusal(facts: { readonly reason: Reason; readonly correlation: string; readonly cause?: unknown }): void
}

const PERIOD_SECONDS = 60

export interface OperatorLogOptions {
  readonly log: GuardLog
  /** Unix seconds. */
  readonly now: () => number
  /** For `stale`. */
  readonly ageSeconds: () => number
}

export function createOperatorLog({ log, now, ageSeconds }: OperatorLogOptions): OperatorLog {
  const said = new Map<string, { at: number; silent: number }>()

  function warn(key: string, message: string, fields: LogFields): void {
    const last = said.get(key)
    const at = now()
    // a clock that was set back does not silence
    if (last !== undefined && at >= last.at && at < last.at + PERIOD_SECONDS) {
      last.silent += 1
      return
    }
    said.set(key, { at, silent: 0 })
    log.warn(message, last === undefined || last.silent === 0 ? fields : { ...fields, notLogged: last.silent })
  }

  return {
    warn,
    refusal({ reason, correlation, cause }) {
      const code = cause instanceof TokenError ? cause.code : undefined
      const advice = (code === undefined ? undefined : BY_CODE.get(code)) ?? BY_REASON.get(reason)
      if (advice === undefined) return
      warn(code ?? reason, advice.message, {
        ...(code === undefined ? {} : { code }),
        reason,
        ...(cause instanceof TokenError ? factsOf(cause) : {}),
        ...(reason === 'stale' ? { ageSeconds: rounded(ageSeconds()) } : {}),
        ...(reason === 'unavailable' ? { cause: causeText(cause) } : {}),
        hint: (cause instanceof TokenError ? cause.hint : undefined) ?? advice.hint,
        correlation,
      })
    },
  }
}

/** What lies behind an error, outermost first, in bounds. */
export function causeText(error: unknown): string {
  const texts: string[] = []
  for (let at = error; at instanceof Error && texts.length < MAX_CAUSES; at = at.cause) {
    const code: unknown = Reflect.get(at, 'code')
    const text = at.message === '' && typeof code === 'string' ? code : at.message
    if (text !== '') texts.push(text)
  }
  return (texts.length === 0 ? String(error) : texts.join(': ')).slice(0, MAX_TEXT)
}

const MAX_CAUSES = 5
const MAX_TEXT = 500

interface Advice {
  readonly message: string
  readonly hint: string
}

const CLOCKS: Advice = {
  message: 'a token from the future was refused: the clocks of its issuer and of this service differ',
  hint: 'set both by NTP',
}

/** The signature of these tokens held: they are the issuer's own, so it is a setting or a clock that is wrong. */
const BY_CODE: ReadonlyMap<string, Advice> = new Map([
  [
    'ERR_TOKEN_ISSUER',
    { message: 'a token of another issuer was refused', hint: '`issuer` must be what stands in `iss`, byte for byte' },
  ],
  [
    'ERR_TOKEN_AUDIENCE',
    { message: 'a token for another audience was refused', hint: 'ask the issuer for one with this `audience`' },
  ],
  ['ERR_TOKEN_NOT_YET', CLOCKS],
  ['ERR_TOKEN_ISSUED_AHEAD', CLOCKS],
  [
    'ERR_TOKEN_KEYS_UNAVAILABLE',
    {
      message: 'no token can be verified: the key set of the issuer cannot be had',
      hint: 'check that this machine reaches the key set of the issuer; it is tried again by itself',
    },
  ],
])

const BY_REASON: ReadonlyMap<Reason, Advice> = new Map<Reason, Advice>([
  [
    'stale',
    {
      message: 'denied because the news of the authority are older than the action accepts',
      hint: 'is the authority running and reachable from here? `cardea doctor` looks, `cardea fleet` shows how far this guard is',
    },
  ],
  [
    'claims_outdated',
    {
      message: 'denied because the token lacks what the policies read',
      hint: 'callers get a fresh token by themselves; if it lasts, `cardea token inspect` shows the plan of theirs and `cardea doctor` the published one',
    },
  ],
  [
    'unrecordable',
    {
      message: 'denied because the record of an action whose `audit` setting is `block` cannot be kept',
      hint: 'is the authority reachable from here, and does `audit.file` have room? what waits is sent by itself',
    },
  ],
  [
    'unavailable',
    {
      message: 'a request could not be decided',
      hint: 'see the cause: keys, a replay store, policies or the grants that a token names are missing',
    },
  ],
])

/** Issuer and audience that differ, which an operator must see; of a clock, by how much. Nothing else of the token. */
function factsOf({ expected, found, skewSeconds }: TokenError): LogFields {
  return {
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found: found.slice(0, MAX_TEXT) }),
    ...(skewSeconds === undefined ? {} : { skewSeconds }),
  }
}

/** JSON has no infinity. */
function rounded(seconds: number): number | string {
  return Number.isFinite(seconds) ? Math.round(seconds * 10) / 10 : 'never whole'
}
