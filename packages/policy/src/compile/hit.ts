// What can determine a decision: a policy by its own id, or a template by the id of a link. Made once, and with it the answer that is
// given when nothing else is found.

import type { Entry } from './entry.ts'

export class Hit {
  readonly entry: Entry
  readonly ids: readonly string[]
  /** The decision when this alone determines it. */
  readonly alone: Alone

  constructor(entry: Entry, ids: readonly string[]) {
    this.entry = entry
    this.ids = ids
    this.alone = Object.freeze({
      decision: entry.isPermit ? 'allow' : 'deny',
      reason: entry.isPermit ? 'permit' : 'forbid',
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
