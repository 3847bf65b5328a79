import { describe, expect, test } from 'vitest'
import { readKnownDigests, readWaitSeconds } from '../../../src/endpoint/opa/preferences.ts'

describe('Prefer', () => {
  const cases: readonly [string | undefined, number][] = [
    [undefined, 0],
    ['', 0],
    ['modes=snapshot,delta', 0],
    ['modes=snapshot,delta;wait=10', 10],
    ['wait=10', 10],
    ['respond-async, wait=10', 10],
    ['WAIT = "007"', 7],
    ['wait=300', 300],
    ['wait=301', 300],
    ['wait=999999999', 300],
    ['wait=0', 0],
    ['wait=9999999999', 0],
    ['wait=-1', 0],
    ['wait=1.5', 0],
    ['wait=1e3', 0],
    ['wait=0x10', 0],
    ['wait="10', 0],
    ['wait=ten', 0],
    ['wait', 0],
    ['await=10', 0],
    ['wait=10;wait=20', 0],
    ['wait=10, wait=10', 0],
    [`modes=${'x'.repeat(10_000)};wait=10`, 10],
  ]
  test.each(cases)('%s is %i seconds', (header, seconds) => {
    expect(readWaitSeconds(header)).toBe(seconds)
  })
})

describe('If-None-Match', () => {
  const [one, other] = ['a'.repeat(43), `${'b'.repeat(42)}-`]
  const cases: readonly [string | undefined, readonly string[]][] = [
    [undefined, []],
    ['', []],
    ['*', []],
    [`"${one}"`, [one]],
    [`W/"${one}"`, [one]],
    [`"${one}", "${other}"`, [one, other]],
    [one, []],
    [`"${one}`, []],
    ['"short"', []],
    [`"nothing", "${one}"`, [one]],
  ]
  test.each(cases)('%s', (header, digests) => {
    expect(readKnownDigests(header)).toEqual(digests)
  })
})
