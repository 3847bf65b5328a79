// What the policies looked at so far have said. The first of each effect is kept without a list: mostly there is no other.

import type { Fault } from '../syntax/tree.ts'
import type { Hit } from './hit.ts'

export interface Tally {
  permit: Hit | undefined
  forbid: Hit | undefined
  /** All others, and what erred. */
  more: Said[] | undefined
}

/** What holds or errs. */
export interface Said {
  readonly hit: Hit
  readonly fault: Fault | undefined
}

export function createTally(): Tally {
  return { permit: undefined, forbid: undefined, more: undefined }
}

/** Counts what holds or errs. */
export function count(tally: Tally, hit: Hit, result: true | Fault): void {
  if (result === true && hit.isPermit && tally.permit === undefined) tally.permit = hit
  else if (result === true && !hit.isPermit && tally.forbid === undefined) tally.forbid = hit
  else {
    tally.more ??= []
    tally.more.push({ hit, fault: result === true ? undefined : result })
  }
}
