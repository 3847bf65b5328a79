// Whether a caller who was let in still stands: asked again at every decision, because handlers wait and things change meanwhile.

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

const EXPIRED: Lapse = { reason: 'expired', answer: 'invalid_token' }
const REVOKED: Lapse = { reason: 'revoked', answer: 'invalid_token' }
const OTHER_TENANT: Lapse = { reason: 'tenant_mismatch', answer: 'invalid_token' }
const OTHER_EPOCH: Lapse = { reason: 'invalid_token', answer: 'invalid_token' }
const STALE: Lapse = { reason: 'stale', answer: 'unavailable' }

/**
 * What is wrong by now, if anything: expiry (`exp` itself is expired), revocation, a tenant that this guard does not serve, a token from another epoch of the log, news
 * older than `rule` accepts. Without a rule, or one that says nothing, the bound is the token's own lifetime: never worse
 * than a plain JWT.
 */
export function lapseOf(
  token: VerifiedToken,
  source: Source,
  toleranceSeconds: number,
  rule?: ActionRule,
): Lapse | undefined {
  const { exp, iat, epoch, tenant } = token.claims
  // Written so that a clock that says nonsense refuses.
  if (!(source.now() < exp + toleranceSeconds)) return EXPIRED
  if (source.isRevoked(token)) return REVOKED
  if (!source.serves(tenant)) return OTHER_TENANT
  const position = source.position()
  if (position !== undefined && epoch !== position.epoch) return OTHER_EPOCH
  if (!(source.ageSeconds() <= (rule?.maxStaleSeconds ?? exp - iat))) return STALE
  return undefined
}
