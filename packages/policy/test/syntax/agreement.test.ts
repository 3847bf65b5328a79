// Our parser against Cedar's own: both accept the same texts, and read the same policies from them.

import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { gunzipSync } from 'node:zlib'
import * as cedar from '@cedar-policy/cedar-wasm/nodejs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import { policyToJson } from '../../src/json/policy-to-json.ts'
import { printPolicy } from '../../src/print/print-policy.ts'
import { damaged, pick, seeded } from '../generate/mutations.ts'
import { policies, templates } from '../generate/policies.ts'
import { withoutSpans } from '../generate/without-spans.ts'
import { ACCEPTED, REFUSED } from './texts.ts'

interface Case {
  readonly id: string
  readonly policy: string
  readonly est: unknown
}

const CASES: readonly Case[] = gunzipSync(
  readFileSync(new URL('../../../../conformance/cedar/cases.jsonl.gz', import.meta.url)),
)
  .toString()
  .trim()
  .split('\n')
  .map((line): Case => JSON.parse(line))

function cedarAccepts(text: string): boolean {
  if (cedar.checkParsePolicySet({ staticPolicies: text }).type === 'success') return true
  return cedar.templateToJson(text).type === 'success'
}

const weAccept = (text: string): boolean => parsePolicies(text, { ids: 'position' }).problems.length === 0

/** Cases write a Long that JSON would round as `{ "__long": "..." }`. */
function withLongs(json: unknown): unknown {
  if (typeof json === 'bigint') return { __long: json.toString() }
  if (Array.isArray(json)) return json.map(withLongs)
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, withLongs(value)]))
}

/** Cedar's JavaScript build rounds Longs; comparing with it needs the same rounding. */
function rounded(json: unknown): unknown {
  if (typeof json === 'bigint') return Number(json)
  if (Array.isArray(json)) return json.map(rounded)
  if (typeof json !== 'object' || json === null) return json
  // Cedar writes the missing value of an annotation as null
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, value === null ? '' : rounded(value)]))
}

describe('the published cases', () => {
  it('are all there', () => expect(CASES.length).toBe(4688))

  it('become the JSON that Cedar makes of them', () => {
    const wrong = CASES.filter(({ policy, est }) => {
      const [parsed, ...others] = parsePolicies(policy).policies
      return parsed === undefined || others.length > 0 || !isDeepStrictEqual(withLongs(policyToJson(parsed)), est)
    })
    expect(wrong.map(({ id }) => id)).toEqual([])
  })

  it('are read back from what is printed of them', () => {
    const wrong = CASES.filter(({ policy }) => {
      const first = parsePolicies(policy).policies
      const second = parsePolicies(first.map(printPolicy).join('')).policies
      return !isDeepStrictEqual(withoutSpans(second), withoutSpans(first))
    })
    expect(wrong.map(({ id }) => id)).toEqual([])
  })
})

describe('acceptance', () => {
  it.each(ACCEPTED)('both accept %s', (_, text) => {
    expect([cedarAccepts(text), weAccept(text)]).toEqual([true, true])
  })

  it.each(REFUSED)('both refuse %s', (_, text) => {
    expect([cedarAccepts(text), weAccept(text)]).toEqual([false, false])
  })

  it.each([1, 2, 3, 4])('agrees on 2000 damaged texts (seed %i)', (seed) => {
    const random = seeded(seed)
    let accepted = 0
    for (let count = 0; count < 2000; count++) {
      const text = damaged(pick(random, CASES).policy, random)
      const expected = cedarAccepts(text)
      if (expected) accepted++
      expect(weAccept(text), text).toBe(expected)
    }
    // both answers must occur, or the comparison shows nothing
    expect(accepted).toBeGreaterThan(50)
    expect(accepted).toBeLessThan(1950)
  })

  it('differs on purpose where Cedar has a function for partial evaluation', () => {
    const text = 'permit (principal, action, resource) when { unknown("x") };'
    expect([cedarAccepts(text), weAccept(text)]).toEqual([true, false])
  })
})

describe('generated policies', () => {
  it('are read by Cedar as by us', () => {
    fc.assert(
      fc.property(fc.oneof(policies, templates), (policy) => {
        const text = printPolicy(policy)
        const answer = policy.slots.length === 0 ? cedar.policyToJson(text) : cedar.templateToJson(text)
        const json = answer.type === 'success' ? rounded(answer.json) : answer.errors
        expect(json).toEqual(rounded(policyToJson(policy)))
      }),
      { numRuns: 1000 },
    )
  })
})
