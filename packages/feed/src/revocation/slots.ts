// The numbers of revocations, side by side in one array: an object each would weigh more than its key. A slot is its place.

import type { Touches } from './revocable.ts'

export interface SlotNumbers {
  readonly seq: number
  readonly revokedAtSeconds: number
  readonly expiresAtSeconds: number
}

export interface Slots {
  /** A slot with these numbers. */
  take(numbers: SlotNumbers): number
  read(slot: number): SlotNumbers
  /** INVARIANT: an entry only grows: in its position, in its moment and in its life. Order and repetition of news do not matter. */
  raise(slot: number, numbers: SlotNumbers): void
  isTouching(slot: number, touches: Touches): boolean
  expiresAtSeconds(slot: number): number
  /** Its number is given out again. */
  free(slot: number): void
}

const SEQ = 0
const REVOKED_AT = 1
const EXPIRES_AT = 2
const NUMBERS = 3

/** Room for so many more, when there is none: an eighth more, as most of the weight of a large set would be room otherwise. */
const LEAST_ROOM = 16

export function createSlots(): Slots {
  let numbers = new Float64Array(0)
  let used = 0
  const freed: number[] = []

  const at = (slot: number, which: number): number => numbers[slot * NUMBERS + which] ?? 0

  function grow(): void {
    const wider = new Float64Array((used + LEAST_ROOM + Math.floor(used / 8)) * NUMBERS)
    wider.set(numbers)
    numbers = wider
  }

  function write(slot: number, { seq, revokedAtSeconds, expiresAtSeconds }: SlotNumbers): void {
    numbers.set([seq, revokedAtSeconds, expiresAtSeconds], slot * NUMBERS)
  }

  return {
    take(entry) {
      let slot = freed.pop()
      if (slot === undefined) {
        if ((used + 1) * NUMBERS > numbers.length) grow()
        slot = used
        used += 1
      }
      write(slot, entry)
      return slot
    },
    read: (slot) => ({
      seq: at(slot, SEQ),
      revokedAtSeconds: at(slot, REVOKED_AT),
      expiresAtSeconds: at(slot, EXPIRES_AT),
    }),
    raise(slot, { seq, revokedAtSeconds, expiresAtSeconds }) {
      write(slot, {
        seq: Math.max(seq, at(slot, SEQ)),
        revokedAtSeconds: Math.max(revokedAtSeconds, at(slot, REVOKED_AT)),
        expiresAtSeconds: Math.max(expiresAtSeconds, at(slot, EXPIRES_AT)),
      })
    },
    isTouching: (slot, touches) => touches(at(slot, SEQ), at(slot, REVOKED_AT)),
    expiresAtSeconds: (slot) => at(slot, EXPIRES_AT),
    free: (slot) => void freed.push(slot),
  }
}
