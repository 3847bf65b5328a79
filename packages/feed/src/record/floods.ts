// Equal denials in masses as one record with a count, so that who is denied a million times does not fill the disk of the audit.
// INVARIANT: an allow is never folded, and what is folded differs from the record that stands for it in time and correlation alone.

import type { DecisionRecord } from './decision-record.ts'

export interface FloodOptions {
  /** Unix seconds. */
  readonly now: () => number
  /** Equal denials that are kept one by one in each window. Default 10. */
  readonly keptOneByOne?: number
  /** Default 60. */
  readonly windowSeconds?: number
  /** Kinds that are told apart at once; denials of any further kind are not folded. Default 1000. */
  readonly maxKinds?: number
}

export interface Floods {
  /** True: it is one of many, and a record of `due` will stand for it. Constant time. */
  fold(record: DecisionRecord): boolean
  /** The records that stand for windows that are over, or with `all` for every open one. */
  due(all?: boolean): readonly DecisionRecord[]
  /** Whether something is folded that `due` has not told of yet. */
  readonly isOpen: boolean
}

interface Kind {
  readonly endsAtSeconds: number
  seen: number
  folded: number
  last: DecisionRecord
}

export function createFloods({ now, keptOneByOne = 10, windowSeconds = 60, maxKinds = 1000 }: FloodOptions): Floods {
  const kinds = new Map<string, Kind>()
  /** Of windows that a new one of the same kind has replaced. */
  let over: DecisionRecord[] = []
  let folded = 0

  function close(key: string, kind: Kind): void {
    kinds.delete(key)
    if (kind.folded === 0) return
    folded -= kind.folded
    over.push(summaryOf(kind))
  }

  function open(key: string, record: DecisionRecord, at: number): void {
    if (kinds.size >= maxKinds) closeOver(at)
    if (kinds.size >= maxKinds) return
    kinds.set(key, { endsAtSeconds: at + windowSeconds, seen: 1, folded: 0, last: record })
  }

  function isOver({ endsAtSeconds }: Kind, at: number): boolean {
    // a clock that was set back must not keep a window open for long
    return at >= endsAtSeconds || at < endsAtSeconds - windowSeconds
  }

  function closeOver(at: number, all = false): void {
    for (const [key, kind] of kinds) {
      // they stand in the order in which they began
      if (!all && !isOver(kind, at)) return
      close(key, kind)
    }
  }

  return {
    fold(record) {
      if (record.decision !== 'deny') return false
      const at = now()
      const key = kindOf(record)
      const kind = kinds.get(key)
      if (kind === undefined || isOver(kind, at)) {
        if (kind !== undefined) close(key, kind)
        open(key, record, at)
        return false
      }
      kind.seen += 1
      if (kind.seen <= keptOneByOne) return false
      kind.folded += 1
      kind.last = record
      folded += 1
      return true
    },
    due(all = false) {
      closeOver(now(), all)
      const records = over
      over = []
      return records
    },
    get isOpen() {
      return folded > 0 || over.length > 0
    },
  }
}

/** The last of them stands for the others. */
function summaryOf({ last, folded }: Kind): DecisionRecord {
  return folded === 1 ? last : Object.freeze({ ...last, repeats: folded - 1 })
}

/** What is equal in equal denials: everything but number, time, correlation and duration. */
const EQUAL = [
  'reason',
  'action',
  'principal',
  'tenant',
  'resource',
  'decider',
  'tokenId',
  'sid',
  'revision',
  'checkpoint',
  'remedy',
  'mismatches',
  'breakGlass',
  'policies',
] as const satisfies readonly (keyof DecisionRecord)[]

function kindOf(record: DecisionRecord): string {
  return JSON.stringify(EQUAL.map((name) => record[name]))
}
