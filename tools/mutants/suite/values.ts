// What values guarantee where decisions rarely look: sets tell apart what only looks alike, and fields are found by their names
// however many there are and whatever was read before.

import { recordValue, setContains, setValue, type Value, valueEquals } from '@cardea/policy'
import type { Check } from './check.ts'

/** Pairwise unequal, though some look alike when they are written down. */
const DISTINCT: readonly Value[] = [
  recordValue({ a: 'x', b: 'y' }),
  recordValue({ a: 'xsbsy' }),
  setValue(['a', 'b']),
  setValue(['ab']),
  setValue(['asb']),
  recordValue({ a: setValue(['s']), b: true }),
  recordValue({ a: setValue([]), b: true }),
  { kind: 'entity', type: 'A', id: 'b' },
  { kind: 'entity', type: 'Asb', id: '' },
  { kind: 'datetime', milliseconds: 1n },
  { kind: 'duration', milliseconds: 1n },
  { kind: 'decimal', scaled: 1n },
  1,
  '1',
  true,
  'T',
]

export const values: Check = {
  name: 'values',
  run() {
    const all = setValue([...DISTINCT, ...DISTINCT])
    if (all.elements.length !== DISTINCT.length) return `a set of ${DISTINCT.length} values has ${all.elements.length}`
    for (const [index, value] of DISTINCT.entries()) {
      if (!setContains(all, value)) return `value ${index} is not found`
      const same = DISTINCT.filter((other) => valueEquals(value, other)).length
      if (same !== 1) return `value ${index} equals ${same} values`
    }
    return fieldFailure()
  },
}

function fieldFailure(): string | undefined {
  const last = recordValue([
    ['a', 1],
    ['b', 2],
    ['a', 3],
  ])
  if (last.fields.get('a') !== 3 || last.fields.size !== 2) return 'of two fields of a name the last counts'
  for (const width of [1, 3, 63, 64, 65, 200]) {
    const wide = recordValue(Array.from({ length: width }, (_, index) => [`f${index}`, index] as const))
    for (let index = 0; index < width; index++) {
      if (wide.fields.get(`f${index}`) !== index) return `field ${index} of ${width}`
    }
  }
  return undefined
}
