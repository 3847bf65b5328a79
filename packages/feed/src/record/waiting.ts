// Decision records that wait in memory. Those that must be kept have room of their own, so that nobody takes it with others.

import type { DecisionRecord } from './decision-record.ts'

type Kind = 'count' | 'spill' | 'keep' | 'loss'

interface Entry {
  readonly record: DecisionRecord
  readonly kind: Kind
}

export interface Waiting {
  /** False when there is no room for one of this kind. */
  add(record: DecisionRecord, kind: 'count' | 'spill' | 'keep'): boolean
  /** The count of what had no room; it has room beyond the capacity. */
  addLoss(record: DecisionRecord): void
  /** For one that need not be kept. */
  readonly hasRoom: boolean
  /** Those that are under way count as well. */
  readonly size: number
  /** The oldest, which are then under way: until `drop`, or `putBack` in their place. */
  take(limit: number): readonly DecisionRecord[]
  drop(): void
  putBack(): void
  /** Gives up all that waits; what is under way is not among it. */
  discard(): readonly DecisionRecord[]
  /** Those that a restart must not lose, or `all`, to another place, in order, until it has no more room. */
  moveTo(put: (record: DecisionRecord, isKept: boolean) => boolean, all: boolean): void
}

export function createWaiting(capacity: number): Waiting {
  let entries: Entry[] = []
  let underWay: readonly Entry[] = []
  const held: { [K in Kind]: number } = { count: 0, spill: 0, keep: 0, loss: 0 }

  function add(record: DecisionRecord, kind: Kind): void {
    entries.push({ record, kind })
    held[kind] += 1
  }

  function hasRoom(): boolean {
    return held.count + held.spill < capacity
  }

  return {
    add(record, kind) {
      if (kind === 'keep' ? held.keep >= capacity : !hasRoom()) return false
      add(record, kind)
      return true
    },
    addLoss: (record) => add(record, 'loss'),
    get hasRoom() {
      return hasRoom()
    },
    get size() {
      return entries.length + underWay.length
    },
    take(limit) {
      underWay = entries.splice(0, limit)
      return underWay.map(({ record }) => record)
    },
    drop() {
      for (const { kind } of underWay) held[kind] -= 1
      underWay = []
    },
    putBack() {
      entries = [...underWay, ...entries]
      underWay = []
    },
    discard() {
      const records = entries.map(({ record }) => record)
      for (const { kind } of entries) held[kind] -= 1
      entries = []
      return records
    },
    moveTo(put, all) {
      if (!all && held.spill === 0) return
      let isFull = false
      entries = entries.filter(({ record, kind }) => {
        if (isFull || (kind !== 'spill' && !all)) return true
        isFull = !put(record, kind === 'keep' || kind === 'loss')
        if (!isFull) held[kind] -= 1
        return isFull
      })
    },
  }
}
