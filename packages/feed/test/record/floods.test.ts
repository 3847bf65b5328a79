// Equal denials, told apart and counted.

import { expect, test } from 'vitest'
import type { DecisionRecord } from '../../src/index.ts'
import { createFloods, type FloodOptions } from '../../src/record/floods.ts'

let now = 0
let n = 0
const denied = (changes: Partial<DecisionRecord> = {}): DecisionRecord => {
  n += 1
  return {
    id: `s.${n}`,
    n,
    start: 's',
    service: 'docs',
    at: '2027-01-15T08:00:00.000Z',
    decision: 'deny',
    reason: 'no_permit',
    policies: [],
    checkpoint: 'resource',
    correlation: `c${n}`,
    ...changes,
  }
}

function create(options: Partial<FloodOptions> = {}) {
  now = 1000
  n = 0
  return createFloods({ now: () => now, keptOneByOne: 2, windowSeconds: 60, ...options })
}

test('the first of a window are kept, then they are folded, then it begins anew', () => {
  const floods = create()
  expect([1, 2, 3, 4].map(() => floods.fold(denied()))).toEqual([false, false, true, true])
  expect(floods.due()).toEqual([])
  expect(floods.isOpen).toBe(true)
  now = 1060
  expect(floods.fold(denied())).toBe(false)
  expect(floods.due()).toMatchObject([{ n: 4, repeats: 1, correlation: 'c4' }])
  expect(floods.isOpen).toBe(false)
})

test('a window ends without another denial', () => {
  const floods = create()
  for (let index = 0; index < 3; index += 1) floods.fold(denied())
  now = 1059.9
  expect(floods.due()).toEqual([])
  now = 1060
  const [record] = floods.due()
  // one alone stands for itself
  expect(record).toMatchObject({ n: 3 })
  expect(record).not.toHaveProperty('repeats')
  expect(floods.due(true)).toEqual([])
})

const kinds: readonly Partial<DecisionRecord>[] = [
  { reason: 'forbid' },
  { action: 'view' },
  { principal: 'User::"ann"' },
  { tenant: 'acme' },
  { resource: 'Document::"plan"' },
  { tokenId: 't' },
  { sid: 's' },
  { revision: 2 },
  { checkpoint: 'route' },
  { remedy: 'step_up' },
  { mismatches: ['address'] },
  { breakGlass: 'glass-1' },
  { decider: 'together deny no-permit' },
  { policies: ['owner'] },
  // a member must not run into the next one
  { principal: 'a', tenant: 'b' },
  { principal: 'ab' },
]
test.each(kinds)('%j is another kind', (changes) => {
  const floods = create()
  for (let index = 0; index < 5; index += 1) floods.fold(denied())
  expect(floods.fold(denied(changes))).toBe(false)
})

test('an allow is never folded', () => {
  const floods = create()
  for (let index = 0; index < 9; index += 1) expect(floods.fold(denied({ decision: 'allow' }))).toBe(false)
})

test('kinds have a bound, beyond which each is kept, until windows are over', () => {
  const floods = create({ maxKinds: 2 })
  for (const reason of ['a', 'b', 'c']) {
    for (let index = 0; index < 3; index += 1)
      expect(floods.fold(denied({ reason }))).toBe(reason !== 'c' && index === 2)
  }
  now = 1060
  for (let index = 0; index < 3; index += 1) expect(floods.fold(denied({ reason: 'c' }))).toBe(index === 2)
  expect(floods.due(true).map(({ reason }) => reason)).toEqual(['a', 'b', 'c'])
})

test('a clock that was set back keeps no window open', () => {
  const floods = create()
  for (let index = 0; index < 3; index += 1) floods.fold(denied())
  now = 500
  expect(floods.fold(denied())).toBe(false)
  expect(floods.due()).toMatchObject([{ n: 3 }])
})
