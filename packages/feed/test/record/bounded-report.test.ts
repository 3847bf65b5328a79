// What the authority would refuse never reaches it.

import { expect, test } from 'vitest'
import type { DecisionReport } from '../../src/index.ts'
import { boundedReport } from '../../src/record/bounded-report.ts'
import { readRecord } from '../../src/record/read-record.ts'

const report: DecisionReport = {
  decision: 'allow',
  reason: 'permit',
  policies: ['owner'],
  checkpoint: 'resource',
  correlation: 'c',
  resource: 'Document::"plan"',
}
const asLine = (bounded: DecisionReport): string =>
  JSON.stringify({ ...bounded, id: 's.1', n: 1, start: 's', service: 'docs', at: '2027-01-15T08:00:00.000Z' })

test('what fits stays as it is', () => {
  expect(boundedReport(report)).toBe(report)
})

test.each<[string, Partial<DecisionReport>]>([
  ['an endless resource', { resource: `Document::"${'x'.repeat(5000)}"` }],
  ['an endless principal', { principal: 'x'.repeat(1001) }],
  ['a surrogate at the cut', { principal: `${'x'.repeat(899)}\u{1f600}${'x'.repeat(200)}` }],
  ['a control character', { tokenId: 'a\u001b[31m' }],
  ['a line end in a session', { sid: 'a\nb' }],
  ['a tenant with NUL', { tenant: '\0' }],
  ['an endless correlation', { correlation: 'x'.repeat(2000) }],
  ['an endless policy', { policies: ['x'.repeat(1001)] }],
  ['very many policies', { policies: Array.from({ length: 101 }, (_, index) => `p${index}`) }],
])('%s is brought into bounds', (_, changes) => {
  expect(readRecord(asLine({ ...report, ...changes }))).toBeUndefined()
  const bounded = boundedReport({ ...report, ...changes })
  expect(readRecord(asLine(bounded))).toMatchObject({ ...bounded })
  expect(JSON.stringify(bounded).isWellFormed()).toBe(true)
})

test('two long texts stay apart, and how many policies were left out is said', () => {
  const [one, other] = ['1', '2'].map((end) => boundedReport({ ...report, resource: 'x'.repeat(2000) + end }).resource)
  expect(one).not.toBe(other)
  const policies = Array.from({ length: 130 }, (_, index) => `p${index}`)
  expect(boundedReport({ ...report, policies }).policies.slice(-2)).toEqual(['p98', 'and 31 more'])
})

test('what of a binding did not fit is part of a record', () => {
  expect(readRecord(asLine({ ...report, mismatches: ['address'] }))).toMatchObject({ mismatches: ['address'] })
  expect(readRecord(asLine({ ...report, breakGlass: 'glass-1' }))).toMatchObject({ breakGlass: 'glass-1' })
  expect(readRecord(asLine({ ...report, decider: 'alone allow permit' }))).toMatchObject({
    decider: 'alone allow permit',
  })
})

test.each<[string, string]>([
  ['half a line', asLine(report).slice(0, -5)],
  ['no object', '[]'],
  ['a member too many', asLine(report).replace('{', '{"token":"secret",')],
  ['a member of the prototype', asLine(report).replace('{', '{"constructor":1,')],
  ['a member too few', asLine(report).replace('"reason":"permit",', '')],
  ['a decision that is none', asLine(report).replace('"allow"', '"maybe"')],
  ['mismatches that are none', asLine(report).replace('{', '{"mismatches":"address",')],
  ['a break-glass statement without a name', asLine(report).replace('{', '{"breakGlass":1,')],
  ['another time', asLine(report).replace('2027-01-15', 'yesterday')],
])('%s is no record', (_, line) => {
  expect(line).not.toBe(asLine(report))
  expect(readRecord(line)).toBeUndefined()
  expect(readRecord(asLine(report))).toMatchObject({ n: 1 })
})
