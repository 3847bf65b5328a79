import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf16Offset } from '../../src/cedar/utf16.ts'

describe('utf16Offset', () => {
  it.each([
    ['', 0, 0],
    ['abc', 2, 2],
    ['äb', 2, 1],
    ['€b', 3, 1],
    ['🎉b', 4, 2],
    ['🎉b', 2, 0],
    ['abc', 9, 3],
  ])('in %j byte %i is unit %i', (text, bytes, units) => expect(utf16Offset(text, bytes)).toBe(units))

  it('undoes what UTF-8 does to an offset', () => {
    const encoder = new TextEncoder()
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (before, behind) => {
        expect(utf16Offset(before + behind, encoder.encode(before).length)).toBe(before.length)
      }),
    )
  })
})
