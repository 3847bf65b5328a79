// Whether a caller who was let in still stands: asked again at every decision, because handlers wait and things change meanwhile.

import type { BreakGlass, Position } from '@cardea/feed'
import type { Remedy } from '@cardea/policy/annotation'
import type { VerifiedToken } from '@cardea/token'
import type { ActionRule } from '../edition/action-rule.ts'
import type { AnswerCode } from '../problem.ts'
import type { Reason } from '../reason.ts'
import type { Source } from '../source/source.ts'

export interface Lapse {
  readonly reason: Reason
  readonly answer: AnswerCode
  /** What would mend it. */
  readonly remedy?: Remedy
  /** Of the error behind it: for records, never for callers. */
  readonly code?: string
  readonly cause?: unknown
}

/** One of the two, or neither: then the caller stands by itself. */
export interface Standing {
  readonly lapse?: Lapse
  /** The statement without which the news would be too old. */
  readonly breakGlass?: BreakGlass
}

const STANDS: Standing = Object.freeze({})
const EXPIRED: Standing = lapsed('expired', 'invalid_token')
const REVOKED: Standing = lapsed('revoked', 'invalid_token')
const OTHER_TENANT: Standing = lapsed('tenant_mismatch', 'invalid_token')
const OTHER_EPOCH: Standing = lapsed('invalid_token', 'invalid_token')
const STALE: Standing = lapsed('stale', 'unavailable')

/**
 * What is wrong by now, if anything: expiry (`exp` itself is expired), revocation, a tenant that this guard does not serve, a token from another epoch of the log, news
 * older than `rule` accepts, or than the token itself. Without a rule, or one that says nothing, the bound is the token's own lifetime:
 * never worse than a plain JWT. INVARIANT: break-glass is asked last, and of the age alone.
 */
export function standingOf(
  token: VerifiedToken,
  source: Source,
  toleranceSeconds: number,
  rule?: ActionRule,
): Standing {
  const { exp, epoch, tenant } = token.claims
  // Written so that a clock that says nonsense refuses.
  if (!(source.now() < exp + toleranceSeconds)) return EXPIRED
  if (source.isRevoked(token)) return REVOKED
  if (!source.serves(tenant)) return OTHER_TENANT
  const position = source.position()
  if (position !== undefined && epoch !== position.epoch) return OTHER_EPOCH
  const ageSeconds = source.ageSeconds()
  if (ageSeconds <= boundOf(token, rule) && !isAhead(token, position)) return STANDS
  const breakGlass = source.breakGlass(rule?.name)
  // what is not whole is infinitely old, and no number reaches that
  return breakGlass !== undefined && ageSeconds <= breakGlass.maxStaleSeconds ? { breakGlass } : STALE
}

/** The same for who wants to know only what is wrong. */
export function lapseOf(
  token: VerifiedToken,
  source: Source,
  toleranceSeconds: number,
  rule?: ActionRule,
): Lapse | undefined {
  return standingOf(token, source, toleranceSeconds, rule).lapse
}

/** Seconds until the age of the news may be too much, if nothing is heard: the bound, or the end of what extends it. */
export function secondsUntilStale(token: VerifiedToken, source: Source, rule?: ActionRule): number {
  const ageSeconds = source.ageSeconds()
  const own = boundOf(token, rule) - ageSeconds
  const isExtended = own <= 0 || isAhead(token, source.position())
  const breakGlass = isExtended ? source.breakGlass(rule?.name) : undefined
  if (breakGlass === undefined) return own
  return Math.min(breakGlass.maxStaleSeconds - ageSeconds, breakGlass.exp - source.now())
}

/** Whether the token was made at a place of the log that this guard has not heard of: who waited has not heard of it in time. */
function isAhead({ claims: { seq = 0 } }: VerifiedToken, position: Position | undefined): boolean {
  return position !== undefined && seq > position.seq
}

function boundOf({ claims: { exp, iat } }: VerifiedToken, rule: ActionRule | undefined): number {
  return rule?.maxStaleSeconds ?? exp - iat
}

function lapsed(reason: Reason, answer: AnswerCode): Standing {
  return Object.freeze({ lapse: Object.freeze({ reason, answer }) })
}
