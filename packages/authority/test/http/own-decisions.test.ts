// The authority's own decisions: what cannot be written is not lost, and nobody is told that it was kept.

import type { DecisionReport } from '@cardea/feed'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createOwnDecisions, type OwnDecisions } from '../../src/http/own-decisions.ts'
import { createSilentLog } from '../../src/log.ts'
import type { DecisionRow } from '../../src/store/records.ts'

const kept: number[] = []
let isDown = false
let decisions: OwnDecisions
const store = {
  async write(work: (transaction: object) => Promise<unknown>) {
    if (isDown) throw new Error('the database is down')
    return work({ insertDecisions: async (rows: readonly DecisionRow[]) => kept.push(...rows.map(({ n }) => n)) })
  },
}

beforeEach(() => {
  vi.useFakeTimers()
  kept.length = 0
  isDown = false
  decisions = createOwnDecisions(store as never, () => 1_800_000_000, createSilentLog())
})
afterEach(() => {
  vi.useRealTimers()
})

const report = (changes: Partial<DecisionReport> = {}): DecisionReport => ({
  decision: 'allow',
  reason: 'permit',
  action: 'makeGrant',
  principal: 'Client::"admin"',
  policies: [],
  checkpoint: 'resource',
  correlation: 'c',
  ...changes,
})

test('a flush that cannot write says so, and what waited is written later, once and in order', async () => {
  isDown = true
  decisions.report(report())
  await expect(decisions.flush()).rejects.toThrow('the database is down')
  decisions.report(report())
  isDown = false
  await decisions.flush()
  expect(kept).toEqual([1, 2])
})

test('without a flush it is tried again until it is written', async () => {
  isDown = true
  decisions.report(report())
  await vi.advanceTimersByTimeAsync(5000)
  expect(kept).toEqual([])
  isDown = false
  await vi.advanceTimersByTimeAsync(1000)
  expect(kept).toEqual([1])
})

test('denials are bounded while nothing can be written; a change is never left out', async () => {
  isDown = true
  for (let n = 0; n < 1500; n += 1) decisions.report(report({ decision: 'deny', reason: 'no_permit' }))
  decisions.report(report())
  isDown = false
  await decisions.flush()
  expect(kept).toHaveLength(1001)
  expect(kept.at(-1)).toBe(1501)
})
