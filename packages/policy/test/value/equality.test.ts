// Equality is an equivalence without order or duplicates in sets, and large sets answer as small ones do.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { setContains, setValue, valueEquals } from '../../src/value/equality.ts'
import { valueKey } from '../../src/value/key.ts'
import type { Value } from '../../src/value/value.ts'
import { values } from '../generate/values.ts'

describe('equality', () => {
  it('is told by the keys of two values', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(valueEquals(a, b)).toBe(valueKey(a) === valueKey(b))
      }),
      { numRuns: 3000 },
    )
    fc.assert(
      fc.property(values, (a) => {
        expect(valueEquals(a, a)).toBe(true)
      }),
    )
  })

  it('ignores the order and the duplicates of sets', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 12 }), (elements) => {
        const set = setValue(elements)
        const mixed = setValue([...elements.toReversed(), ...elements])
        expect(valueEquals(set, mixed)).toBe(true)
        expect(valueEquals(setValue([set, 1]), setValue([1, mixed]))).toBe(true)
        expect(mixed.elements).toHaveLength(set.elements.length)
      }),
    )
  })

  it('finds every element of a set of any size, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 30 }), values, (elements, other) => {
        const set = setValue(elements)
        for (const element of elements) expect(setContains(set, element)).toBe(true)
        expect(setContains(set, other)).toBe(elements.some((element) => valueEquals(element, other)))
      }),
    )
  })

  it.each<[string, Value, Value]>([
    ['a text and the key of an entity', 's1:a', { kind: 'entity', type: 'a', id: '' }],
    ['texts that run together', { kind: 'entity', type: 'a', id: 'bc' }, { kind: 'entity', type: 'ab', id: 'c' }],
    ['a number and its text', 1, '1'],
    ['a Bool and a Long', true, 1],
    ['sets of texts with separators', setValue(['a,b']), setValue(['a', 'b'])],
    ['an instant and a length of time', { kind: 'datetime', milliseconds: 1n }, { kind: 'duration', milliseconds: 1n }],
  ])('keeps apart %s', (_, a, b) => {
    expect(valueEquals(a, b)).toBe(false)
    expect(valueKey(a)).not.toBe(valueKey(b))
  })
})
