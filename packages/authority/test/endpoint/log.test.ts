// Decisions: taken in once, under the sender's own name, and shown with denials grouped by cause.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bodyOf, createWorld, type World } from '../fixture.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ limits: { decisionsABatch: 3 } })
})
afterAll(() => world.authority.close())

const record = (n: number, changes: object = {}): object => ({
  id: `d${n}`,
  n,
  start: 'start',
  service: 'docs',
  at: '2027-01-15T08:00:00+00:00',
  decision: 'deny',
  reason: 'no_permit',
  action: 'view',
  principal: 'User::"ann"',
  tenant: 'acme',
  resource: 'Document::"plan"',
  policies: [],
  checkpoint: 'resource',
  correlation: 'c',
  ...changes,
})

async function post(records: unknown[], start = 'start'): Promise<Response> {
  return world.api('docs', 'POST', '/v1/decisions', { start, records })
}

async function log(query = ''): Promise<{ records: Record<string, unknown>[]; groups: Record<string, unknown>[] }> {
  return (await world.api('auditor', 'GET', `/v1/log${query}`)).json() as never
}

describe('decision records', () => {
  test('count once, however often they come, and name their true sender', async () => {
    const batch = [
      record(1, { sender: undefined }),
      record(2, { reason: 'forbid', policies: ['tenants-apart'] }),
      record(3, { decision: 'allow', reason: 'permit' }),
    ]
    for (let turn = 0; turn < 3; turn += 1) {
      const response = await post(batch)
      expect(response.status).toBe(202)
      expect(await bodyOf(response)).toEqual({ accepted: 3 })
    }
    const { records, groups } = await log()
    const mine = records.filter(({ sender }) => sender === 'docs')
    expect(mine.map(({ id }) => String(id)).toSorted((left, right) => left.localeCompare(right))).toEqual([
      'd1',
      'd2',
      'd3',
    ])
    expect(groups).toContainEqual({
      reason: 'forbid',
      action: 'view',
      policies: ['tenants-apart'],
      count: 1,
      principals: 1,
      lastAt: '2027-01-15T08:00:00.000Z',
    })
  })

  test('a flood of equal denials is one record, and counts as many', async () => {
    await post([record(1, { start: 'flood', reason: 'tenant_mismatch', repeats: 989 })], 'flood')
    const { records, groups } = await log('?denied=true')
    expect(records.find(({ reason }) => reason === 'tenant_mismatch')).toMatchObject({ n: 1, repeats: 989 })
    expect(groups[0]).toMatchObject({ reason: 'tenant_mismatch', count: 990 })
  })

  test('what of a binding did not fit is kept', async () => {
    await post(
      [
        record(1, {
          start: 'soft',
          decision: 'allow',
          reason: 'permit',
          mismatches: ['key', 'address'],
          breakGlass: 'g1',
        }),
      ],
      'soft',
    )
    const { records } = await log()
    expect(records.find(({ start }) => start === 'soft')).toMatchObject({
      mismatches: ['key', 'address'],
      breakGlass: 'g1',
    })
  })

  test('are found by time, by number and by decision', async () => {
    const denied = (await log('?denied=true')).records
    expect(denied.length).toBeGreaterThan(0)
    expect(denied.every(({ decision }) => decision === 'deny')).toBe(true)
    expect((await log('?limit=1')).records).toHaveLength(1)
    const late = (await log('?since=2027-01-15T08:00:01Z')).records
    expect(late.filter(({ sender }) => sender === 'docs')).toEqual([])
  })

  const refused: readonly [string, () => Promise<Response>, number][] = [
    ['with a sender of their own', () => post([record(9, { sender: 'mail' })]), 400],
    ['with a control character', () => post([record(9, { reason: 'a\nb' })]), 400],
    ['with an escape sequence', () => post([record(9, { resource: '\u001b[31m' })]), 400],
    ['with an endless text', () => post([record(9, { reason: 'x'.repeat(1001) })]), 400],
    ['with mismatches that are none', () => post([record(9, { mismatches: [1] })]), 400],
    ['with a note, which only the authority makes', () => post([record(9, { note: 'because' })]), 400],
    ['with a count that is none', () => post([record(9, { repeats: -1 })]), 400],
    ['with an unknown decision', () => post([record(9, { decision: 'maybe' })]), 400],
    ['of another start', () => post([record(9)], 'other'), 422],
    ['that are too many', () => post([1, 2, 3, 4].map((n) => record(n))), 400],
    ['that are no list', () => world.api('docs', 'POST', '/v1/decisions', record(1)), 400],
  ]
  test.each(refused)('%s are refused whole', async (_, ask, status) => {
    const before = (await log('?limit=1000')).records.filter(({ sender }) => sender === 'docs')
    expect((await ask()).status).toBe(status)
    expect((await log('?limit=1000')).records.filter(({ sender }) => sender === 'docs')).toEqual(before)
  })

  test.each(['?limit=0', '?limit=1001', '?limit=x', '?since=yesterday', '?limit=1&limit=2'])(
    'a query %s is refused',
    async (query) => {
      expect((await world.api('auditor', 'GET', `/v1/log${query}`)).status).toBe(400)
    },
  )
})
