// What a judge says of a request, in the terms in which judges are compared, and the rule for an erring `forbid`.

import type { ForbidErrors } from '@cardea/policy'

/** Ids are sorted, as judges name policies in orders of their own. */
export interface Answer {
  readonly decision: 'allow' | 'deny'
  /** Ids of the policies and links that determine the decision. */
  readonly reason: readonly string[]
  /** Ids of the policies and links that err. */
  readonly errors: readonly string[]
}

export function answer(decision: 'allow' | 'deny', reason: readonly string[], errors: readonly string[]): Answer {
  return { decision, reason: reason.toSorted(), errors: errors.toSorted() }
}

/**
 * What the rule `forbidErrors: 'deny'` makes of Cedar's answer, which is that of `skip`: a permit counts if it is true, a forbid is
 * passed only if it is false, so one that errs denies. Nothing is evaluated here: all follows from the ids.
 */
export function underRule(rule: ForbidErrors, cedars: Answer, effectOf: (id: string) => 'permit' | 'forbid'): Answer {
  if (rule === 'skip') return cedars
  const isForbidding = cedars.decision === 'deny' && cedars.reason.length > 0
  if (isForbidding) return cedars
  const erring = cedars.errors.filter((id) => effectOf(id) === 'forbid')
  return erring.length === 0 ? cedars : answer('deny', erring, cedars.errors)
}

export function sameAnswer(left: Answer, right: Answer): boolean {
  return left.decision === right.decision && sameIds(left.reason, right.reason) && sameIds(left.errors, right.errors)
}

export function showAnswer({ decision, reason, errors }: Answer): string {
  return `${decision}, because of [${reason.join(', ')}], errors in [${errors.join(', ')}]`
}

function sameIds(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((id, index) => id === right[index])
}
