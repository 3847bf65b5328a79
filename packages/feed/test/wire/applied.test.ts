// What a guard says of itself: it comes back as it was, and what does not read is nothing.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Applied, readApplied } from '../../src/index.ts'
import { appliedQuery } from '../../src/wire/applied.ts'

const FULL: Applied = {
  start: 'a-start_1.x',
  startedAtSeconds: 1_800_000_000,
  position: { epoch: 'e1', seq: 7 },
  revision: 3,
  ageSeconds: 1.3,
  checkpoint: { count: 42, hash: 'h'.repeat(43) },
}
const query = (changes: Readonly<Record<string, string | undefined>> = {}): ReadonlyMap<string, string> =>
  new Map(
    Object.entries({ ...appliedQuery(FULL), ...changes }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  )

describe('what is applied', () => {
  test('comes back as it was said', () => {
    const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined })
    const count = fc.nat({ max: Number.MAX_SAFE_INTEGER })
    const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)
    fc.assert(
      fc.property(
        fc.record({
          start: name,
          startedAtSeconds: count,
          position: maybe(fc.record({ epoch: name, seq: count })),
          revision: maybe(count),
          ageSeconds: maybe(fc.nat({ max: 100_000 }).map((tenths) => tenths / 10)),
          checkpoint: maybe(fc.record({ count, hash: fc.stringMatching(/^[A-Za-z0-9_-]{43}$/) })),
        }),
        (applied) => {
          expect(readApplied(new Map(Object.entries(appliedQuery(applied))))).toEqual(applied)
        },
      ),
    )
  })
  test('of a guard that says nothing, there is nothing', () => {
    expect(readApplied(new Map([['audience', 'a']]))).toBeUndefined()
  })
  test.each([
    ['no start', { start: undefined }],
    ['a start with what a terminal obeys', { start: 'a\u001b[2J' }],
    ['a start without end', { start: 'a'.repeat(65) }],
    ['no time', { started: undefined }],
    ['a time that is none', { started: '1e9' }],
    ['a number with a sign', { applied: '-1' }],
    ['a number that cannot be held', { applied: '9007199254740993' }],
    ['a position without its epoch', { applied_epoch: undefined }],
    ['an epoch without its position', { applied: undefined }],
    ['an epoch that is none', { applied_epoch: 'e 1' }],
    ['a revision that is none', { revision: 'latest' }],
    ['an age that is none', { age: 'NaN' }],
    ['an age before zero', { age: '-1' }],
    ['an age without end', { age: '1e999' }],
    ['a checkpoint without its hash', { audited: '42' }],
    ['a checkpoint with a hash that is none', { audited: `42.${'h'.repeat(42)}` }],
    ['a checkpoint with more', { audited: `42.${'h'.repeat(43)}.1` }],
    ['a checkpoint before zero', { audited: `-1.${'h'.repeat(43)}` }],
  ])('%s: nothing of it counts', (_name, changes) => {
    expect(readApplied(query(changes))).toBeUndefined()
  })
})
