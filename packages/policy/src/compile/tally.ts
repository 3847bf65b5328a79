// What the policies looked at so far have said. The first of each effect is kept without a list: mostly there is no other.

import type { Fault } from '../syntax/tree.ts'
import type { Entry } from './entry.ts'

export interface Tally {
  permit: Entry | undefined
  permitIds: readonly string[]
  forbid: Entry | undefined
  forbidIds: readonly string[]
  /** All others, and what erred. */
  more: Said[] | undefined
}

/** A policy that holds or errs, with its id, or a template with the id of a link. */
export interface Said {
  readonly entry: Entry
  readonly ids: readonly string[]
  readonly fault: Fault | undefined
}

const NONE: readonly never[] = Object.freeze([])

export function createTally(): Tally {
  return { permit: undefined, permitIds: NONE, forbid: undefined, forbidIds: NONE, more: undefined }
}

/** Counts a policy that holds or errs: `ids` is its own id, or that of a link. */
export function count(tally: Tally, entry: Entry, result: true | Fault, ids: readonly string[]): void {
  if (result === true && entry.isPermit && tally.permit === undefined) {
    tally.permit = entry
    tally.permitIds = ids
  } else if (result === true && !entry.isPermit && tally.forbid === undefined) {
    tally.forbid = entry
    tally.forbidIds = ids
  } else {
    tally.more ??= []
    tally.more.push({ entry, ids, fault: result === true ? undefined : result })
  }
}
