// POST /opa/v1/status and the OPAs in GET /v1/guards: the last word of each, in bounds, and an alarm when a bundle becomes older.

import type { OpaStatus } from '@cardea/opa'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createOpaFleet, type OpaFleet } from '../../../src/endpoint/opa/status-fleet.ts'
import { bodyOf, NOW, sources } from '../../fixture.ts'
import { createReporting, type Reporting } from './reporting.ts'

const STATUS = '/opa/v1/status'

const statusOf = (instance: string, revision?: string): OpaStatus => ({
  instance,
  version: '1.22.2',
  bundles: [{ name: 'policy', revision, activatedAtSeconds: NOW, errors: [] }],
  discovery: undefined,
  logErrors: [],
})

describe('the fleet of OPAs', () => {
  const clock = { seconds: NOW }
  const name = (client: string) => ({ client, address: undefined })
  let fleet: OpaFleet
  beforeEach(() => {
    clock.seconds = NOW
    fleet = createOpaFleet({ now: () => clock.seconds, maxOpas: 3 })
  })
  const seen = (): readonly string[] => fleet.list().map(({ client, status }) => `${client}:${status.instance}`)

  test('keeps the last word of each for an hour', () => {
    fleet.report(name('docs'), statusOf('a', '1'))
    fleet.report(name('docs'), statusOf('a', '2'))
    fleet.report(name('mail'), statusOf('a', '9'))
    expect(fleet.list()).toMatchObject([{ status: { bundles: [{ revision: '2' }] } }, { client: 'mail' }])
    clock.seconds += 3600
    fleet.report(name('mail'), statusOf('a', '9'))
    clock.seconds += 1
    expect(seen()).toEqual(['mail:a'])
  })
  test('a client that invents instances pushes out its own, the eldest first', () => {
    fleet.report(name('mail'), statusOf('honest'))
    for (let index = 0; index < 50; index += 1) fleet.report(name('docs'), statusOf(`i${index}`))
    expect(seen()).toEqual(['docs:i48', 'docs:i49', 'mail:honest'])
    fleet.report(name('backend'), statusOf('new'))
    expect(seen()).toEqual(['backend:new', 'docs:i48', 'docs:i49'])
  })

  const rows: readonly [string, readonly (string | undefined)[], string | undefined][] = [
    ['that goes on', ['1', '2', '2-abc', '10'], undefined],
    ['that goes back', ['1', '3', '2'], '3'],
    ['that goes back further', ['3', '2', '1'], '3'],
    ['that comes back again', ['3', '2', '3'], undefined],
    ['that is gone for a while, and older then', ['3', undefined, '2'], '3'],
    ['of news that go back', ['e:5:100', 'e:4:200'], 'e:5:100'],
    ['of news of an older time', ['e:5:100', 'e:5:99'], 'e:5:100'],
    ['of news of a new epoch', ['e:5:100', 'f:1:1'], undefined],
    ['of somebody else', ['main-9', 'main-8'], undefined],
  ]
  test.each(rows)('a bundle %s', (_, revisions, before) => {
    for (const revision of revisions) fleet.report(name('docs'), statusOf('a', revision))
    expect(fleet.list()[0]?.rolledBack.get('policy')).toBe(before)
  })
  test('says once that a bundle went back, and again when it does so again', () => {
    const told = ['3', '2', '2', '1', '3', '2'].map(
      (revision) => fleet.report(name('docs'), statusOf('a', revision)).length,
    )
    expect(told).toEqual([0, 1, 0, 0, 0, 1])
    expect(fleet.report(name('docs'), statusOf('b', '1'))).toEqual([])
    expect(fleet.report(name('mail'), statusOf('a', '1'))).toEqual([])
  })
})

describe('POST /opa/v1/status', () => {
  let reporting: Reporting
  const lines: Record<string, unknown>[] = []
  beforeEach(async () => {
    lines.length = 0
    reporting = await createReporting({ log: pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }) })
  })
  afterEach(() => reporting.close())

  const bundle = (active_revision: string, more: object = {}): object => ({
    active_revision,
    last_successful_activation: '2027-01-15T08:00:00.5Z',
    ...more,
  })
  const report = (bundles: object, more: object = {}): string =>
    JSON.stringify({ labels: { id: 'opa-1', version: '1.22.2', client: 'mail' }, bundles, ...more })

  test('shows which OPA has which revision, beside the guards', async () => {
    const { world, post, opas } = reporting
    await world.authority.service.publish(sources)
    const { position } = await bodyOf(await world.api('auditor', 'GET', '/v1/guards'))
    const [epoch, seq] = String(position).split('.')
    const body = report(
      {
        policy: bundle('1-abc'),
        news: bundle(`${epoch}:${Number(seq) - 1}:${NOW - 1}`, { code: 'bundle_error', http_code: '404' }),
        more: bundle('main'),
      },
      { discovery: bundle('d'), decision_logs: { code: 'decision_log_error', http_code: '413' } },
    )
    const response = await post('docs', STATUS, body)
    expect(response.status).toBe(204)
    world.clock.seconds += 4
    const nothing = { currentRevision: null, behind: null, ageSeconds: null, rolledBackFrom: null }
    const activatedAt = '2027-01-15T08:00:00.000Z'
    expect(await opas()).toEqual([
      {
        client: 'docs',
        instance: 'opa-1',
        version: '1.22.2',
        address: '127.0.0.1',
        seenSecondsAgo: 4,
        bundles: [
          { ...nothing, name: 'discovery', kind: 'discovery', revision: 'd', activatedAt, errors: [] },
          {
            ...nothing,
            name: 'policy',
            kind: 'policy',
            revision: '1-abc',
            activatedAt,
            errors: [],
            currentRevision: '2',
            behind: 1,
          },
          {
            ...nothing,
            name: 'news',
            kind: 'news',
            revision: `${epoch}:${Number(seq) - 1}:${NOW - 1}`,
            activatedAt,
            errors: ['bundle_error', 'http_404'],
            behind: 1,
            ageSeconds: 5,
          },
          { ...nothing, name: 'more', kind: 'other', revision: 'main', activatedAt, errors: [] },
        ],
        logErrors: ['decision_log_error', 'http_413'],
      },
    ])
  })

  test('an older revision than before is shown, and logged once', async () => {
    const { post, opas } = reporting
    for (const revision of ['7', '6', '6']) await post('docs', `${STATUS}/east`, report({ policy: bundle(revision) }))
    expect(await opas()).toMatchObject([{ bundles: [{ revision: '6', rolledBackFrom: '7' }] }])
    expect(lines.filter(({ msg }) => msg === 'an OPA went back to an older revision')).toMatchObject([
      { client: 'docs', instance: 'opa-1', bundle: 'policy', revision: '6', before: '7' },
    ])
  })

  test('the instance of another client is another one, whatever the labels say', async () => {
    const { post, opas } = reporting
    await post('docs', STATUS, report({ policy: bundle('7') }))
    await post('mail', STATUS, report({ policy: bundle('1') }))
    expect(await opas()).toMatchObject([
      { client: 'docs', bundles: [{ revision: '7', rolledBackFrom: null }] },
      { client: 'mail', bundles: [{ revision: '1', rolledBackFrom: null }] },
    ])
  })

  const refused: readonly [string, string | Uint8Array, object, number, string][] = [
    ['no JSON', 'status', {}, 422, 'ERR_AUTHORITY_OPA_REPORT'],
    ['a list', '[]', {}, 422, 'ERR_AUTHORITY_OPA_REPORT'],
    ['nothing', '', {}, 422, 'ERR_AUTHORITY_OPA_REPORT'],
    ['cut off', report({ policy: bundle('7') }).slice(0, -1), {}, 422, 'ERR_AUTHORITY_OPA_REPORT'],
    ['of nobody', '{"bundles":{}}', {}, 422, 'ERR_AUTHORITY_OPA_REPORT'],
    ['of an endless name', JSON.stringify({ labels: { id: 'x'.repeat(201) } }), {}, 422, 'ERR_AUTHORITY_OPA_REPORT'],
    ['too large', ' '.repeat(1_048_577), {}, 413, 'ERR_AUTHORITY_REQUEST_TOO_LARGE'],
    ['no JSON by its type', report({}), { 'content-type': 'text/plain' }, 415, 'ERR_AUTHORITY_CONTENT_TYPE'],
  ]
  test.each(refused)('%s is refused and changes nothing', async (_, body, headers, status, code) => {
    const { post, opas } = reporting
    await post('docs', STATUS, report({ policy: bundle('7') }))
    const before = await opas()
    const response = await post('docs', STATUS, body, headers)
    expect(response.status).toBe(status)
    expect(await bodyOf(response)).toMatchObject({ code })
    expect(await opas()).toEqual(before)
  })
})
