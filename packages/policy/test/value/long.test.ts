// Arithmetic is exact and canonical: held against 64-bit integers of BigInt.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addLongs, longValue, multiplyLongs, negateLong, subtractLongs } from '../../src/value/long.ts'
import type { Long } from '../../src/value/value.ts'
import { longs } from '../generate/expressions.ts'

/** What a result must be: exact, canonical, and `undefined` beyond 64 bits. */
function expected(exact: bigint): Long | undefined {
  if (BigInt.asIntN(64, exact) !== exact) return undefined
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
}

describe('Longs', () => {
  it.each([
    ['+', addLongs, (a: bigint, b: bigint) => a + b],
    ['-', subtractLongs, (a: bigint, b: bigint) => a - b],
    ['*', multiplyLongs, (a: bigint, b: bigint) => a * b],
  ] as const)('compute `%s` exactly', (_, compute, exact) => {
    fc.assert(
      fc.property(longs, longs, (a, b) => {
        expect(compute(a, b)).toBe(expected(exact(BigInt(a), BigInt(b))))
      }),
      { numRuns: 3000 },
    )
    const roots = fc.integer({ min: -4_000_000_000, max: 4_000_000_000 })
    fc.assert(
      fc.property(roots, roots, (a, b) => {
        expect(compute(a, b)).toBe(expected(exact(BigInt(a), BigInt(b))))
      }),
      { numRuns: 3000 },
    )
  })

  it('negate exactly', () => {
    fc.assert(
      fc.property(longs, (a) => {
        expect(negateLong(a)).toBe(expected(-BigInt(a)))
      }),
    )
    expect(negateLong(-(2n ** 63n))).toBeUndefined()
  })

  it.each<[string, number | bigint, Long | undefined]>([
    ['a small integer', 5, 5],
    ['a small BigInt', 5n, 5],
    ['the largest safe integer', 9007199254740991n, 9007199254740991],
    ['the first beyond', 9007199254740992n, 9007199254740992n],
    ['a number that may have lost digits', 9007199254740992, undefined],
    ['the largest Long', 2n ** 63n - 1n, 2n ** 63n - 1n],
    ['one more', 2n ** 63n, undefined],
    ['the smallest Long', -(2n ** 63n), -(2n ** 63n)],
    ['one less', -(2n ** 63n) - 1n, undefined],
    ['a fraction', 1.5, undefined],
    ['NaN', Number.NaN, undefined],
    ['infinity', Number.POSITIVE_INFINITY, undefined],
    ['minus zero', -0, 0],
  ])('are canonical: %s', (_, integer, long) => expect(longValue(integer)).toBe(long))
})
