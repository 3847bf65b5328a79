// Values beside values: the edges at which comparisons change their answer.

import { formatIp, isInRange, type IpValue, parseIp, type Value } from '@cardea/policy'
import { describe, expect, it } from 'vitest'
import { addressBeside, addressIn, positionIn, shifted } from '../../src/sample/near.ts'
import { createRandom } from '../../src/sample/random.ts'

const random = createRandom(1)
const many = (make: () => IpValue): Set<string> => new Set(Array.from({ length: 60 }, () => formatIp(make())))

function ip(text: string): IpValue {
  const value = parseIp(text)
  if (value === undefined) throw new Error(text)
  return value
}

describe('addresses', () => {
  it.each([
    ['10.1.0.0/16', '10.1.0.0', '10.1.255.255', ['10.0.255.255', '10.2.0.0']],
    ['10.1.2.3', '10.1.2.3', '10.1.2.3', ['10.1.2.2', '10.1.2.4']],
    ['10.1.2.3/24', '10.1.2.0', '10.1.2.255', ['10.1.1.255', '10.1.3.0']],
    [
      '2001:db8::/32',
      '2001:db8::',
      '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
      ['2001:db7:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db9::'],
    ],
    ['0.0.0.0/1', '0.0.0.0', '127.255.255.255', ['128.0.0.0']],
    ['0.0.0.0/0', '0.0.0.0', '255.255.255.255', ['2001:db8::9']],
    ['::/0', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', ['203.0.113.9']],
  ])('in and beside %s', (range, first, last, beside) => {
    const inside = many(() => addressIn(ip(range), random))
    expect([...inside]).toEqual(expect.arrayContaining([first, last]))
    for (const address of inside) expect(isInRange(ip(address), ip(range))).toBe(true)
    expect([...many(() => addressBeside(ip(range), random))].toSorted()).toEqual(beside.toSorted())
  })
})

describe('what has an order', () => {
  const rows: readonly (readonly [Value, bigint, Value | undefined])[] = [
    [1, 1n, 2],
    [Number.MAX_SAFE_INTEGER, 1n, 9007199254740992n],
    [9223372036854775807n, 1n, undefined],
    [{ kind: 'decimal', scaled: 15_000n }, 1n, { kind: 'decimal', scaled: 15_001n }],
    [{ kind: 'duration', milliseconds: 0n }, -1n, { kind: 'duration', milliseconds: -1n }],
    [{ kind: 'datetime', milliseconds: -9223372036854775808n }, -1n, undefined],
    ['text', 1n, undefined],
  ]
  it.each(rows)('%o and %o more', (value, by, expected) => {
    expect(shifted(value, by)).toEqual(expected)
    if (expected !== undefined) expect((positionIn(expected) ?? 0n) - (positionIn(value) ?? 0n)).toBe(by)
  })
})
