// What can determine a decision: a policy by its own id, or a template by the id of a link. Made once, and with it the answer that is
// given when nothing else is found.

import type { Rule } from './rule.ts'

export class Hit {
  readonly rule: Rule
  readonly isPermit: boolean
  readonly ids: readonly string[]
  /** The decision when this alone determines it. */
  readonly alone: Alone

  constructor(rule: Rule, ids: readonly string[]) {
    const isPermit = rule.effect === 'permit'
    this.rule = rule
    this.isPermit = isPermit
    this.ids = ids
    this.alone = Object.freeze({
      decision: isPermit ? 'allow' : 'deny',
      reason: isPermit ? 'permit' : 'forbid',
      determining: ids,
      errors: NONE,
    })
  }
}

/** A `Decision` without errors. */
export interface Alone {
  readonly decision: 'allow' | 'deny'
  readonly reason: 'permit' | 'forbid'
  readonly determining: readonly string[]
  readonly errors: readonly never[]
}

const NONE: readonly never[] = Object.freeze([])
