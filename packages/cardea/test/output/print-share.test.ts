import { parsePolicies } from '@cardea/policy'
import { describe, expect, it } from 'vitest'
import { describeShare, shareText } from '../../src/output/print-share.ts'

const policies = (count: number) => {
  const text = Array.from({ length: count }, (_, id) => `@id("p${id}") permit (principal, action, resource);`).join(
    '\n',
  )
  return { text, policies: parsePolicies(text, { file: 'a.cedar' }).policies }
}

describe('the share of policies that every request looks at', () => {
  it.each([
    [0, 7, undefined],
    [1, 1, '1 of 1 policy (100 %) is looked at for every request: p0'],
    [3, 1000, '3 of 1 000 policies (0.3 %) are looked at for every request: p0, p1, p2'],
    [7, 12345, '7 of 12 345 policies (0.1 %) are looked at for every request: p0, p1, p2, p3, p4 and 2 more'],
  ])('%d of %d', (count, all, expected) => {
    expect(shareText(policies(count).policies, all)).toBe(expected)
  })

  it('is data with the places', () => {
    const { text, policies: found } = policies(2)
    const sources = { schema: { file: 's', text: '' }, policies: [{ file: 'a.cedar', text }] }
    expect(describeShare(sources, found, 8)).toEqual({
      count: 2,
      share: 0.25,
      policies: [
        { id: 'p0', file: 'a.cedar', line: 1, column: 1 },
        { id: 'p1', file: 'a.cedar', line: 2, column: 1 },
      ],
    })
  })
})
