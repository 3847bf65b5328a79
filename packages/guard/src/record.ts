// What is written down of each decision. No token, key or claim value is in it; ids of principals and resources are.

import type { DecisionRecord, DecisionReport } from '@cardea/feed'

/** A numbered record, as the authority gets it, with the code of the error behind it, if one is. */
export type DecisionEvent = DecisionRecord & { readonly code?: string }

/** Gives records their number within this start of the service. */
export type Numbering = (report: DecisionReport) => DecisionRecord

export interface NumberingOptions {
  readonly service: string
  /** Names this start. */
  readonly start: string
  /** Unix seconds. */
  readonly now: () => number
}

/** For a guard that sends its records nowhere. */
export function createNumbering({ service, start, now }: NumberingOptions): Numbering {
  let n = 0
  let last = { milliseconds: Number.NaN, text: '' }
  return (report) => {
    n += 1
    const milliseconds = Math.floor(now() * 1000)
    // many decisions are made in one millisecond, and the text of a time is the dearest part of a record
    if (milliseconds !== last.milliseconds) last = { milliseconds, text: new Date(milliseconds).toISOString() }
    return Object.freeze({ ...report, id: `${start}.${n}`, n, start, service, at: last.text })
  }
}
