// GET /v1/guards and what it is made of: who asked, from the token; what they applied, from the question; in bounds.

import { appliedOf } from '../applied.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFleet, type Fleet } from '../../src/endpoint/guards/fleet.ts'
import { bodyOf, createWorld, DOCS, MAIL, NOW, type World } from '../fixture.ts'

describe('the fleet', () => {
  const clock = { seconds: NOW }
  const head = { epoch: 'e1', seq: 9 }
  const name = (client: string, audience = DOCS) => ({ client, audience, address: undefined })
  let fleet: Fleet
  beforeEach(() => {
    clock.seconds = NOW
    fleet = createFleet({ now: () => clock.seconds, maxFollowers: 4 })
  })
  const starts = (): readonly string[] => fleet.list().map(({ client, applied }) => `${client}:${applied?.start ?? ''}`)

  test('knows each start of a guard for an hour, and a connected one for as long as it is', () => {
    fleet.report(name('docs'), appliedOf({ start: 'a' }), head)
    const disconnect = fleet.connect(name('docs'), appliedOf({ start: 'b' }))
    clock.seconds += 3601
    expect(fleet.list()).toMatchObject([{ client: 'docs', connected: true, applied: { start: 'b' } }])
    disconnect()
    disconnect()
    expect(fleet.list()).toMatchObject([{ connected: false, seenAtSeconds: clock.seconds }])
    clock.seconds += 3601
    expect(fleet.list()).toEqual([])
  })
  test('keeps the last word of each', () => {
    fleet.report(name('docs'), appliedOf({ position: { epoch: 'e1', seq: 3 } }), head)
    fleet.report(name('docs'), appliedOf({ position: { epoch: 'e1', seq: 9 } }), head)
    expect(fleet.list()).toMatchObject([{ applied: { position: { seq: 9 } } }])
  })
  test('does not keep what cannot be: a guard ahead of the log', () => {
    fleet.report(name('docs'), appliedOf({ position: { epoch: 'e1', seq: 10 } }), head)
    expect(fleet.list()).toEqual([])
    fleet.report(name('docs'), appliedOf({ position: { epoch: 'e0', seq: 10 } }), head)
    expect(starts()).toEqual(['docs:start-1'])
  })
  test('a client that invents starts pushes out its own, the eldest first', () => {
    fleet.report(name('mail', MAIL), appliedOf({ start: 'honest' }), head)
    for (let index = 0; index < 50; index += 1) fleet.report(name('docs'), appliedOf({ start: `s${index}` }), head)
    expect(starts()).toEqual(['docs:s47', 'docs:s48', 'docs:s49', 'mail:honest'])
  })
  test('a new client has room all the same', () => {
    for (const start of ['a', 'b', 'c', 'd']) fleet.report(name('docs'), appliedOf({ start }), head)
    fleet.report(name('mail', MAIL), appliedOf({ start: 'new' }), head)
    expect(starts()).toEqual(['docs:b', 'docs:c', 'docs:d', 'mail:new'])
  })
  test('a guard of an older release is there while it is connected, and says nothing of itself', () => {
    fleet.connect(name('docs'), undefined)
    expect(fleet.list()).toMatchObject([{ client: 'docs', connected: true, applied: undefined }])
  })
})

describe('GET /v1/guards', () => {
  let world: World
  beforeEach(async () => {
    world = await createWorld()
  })
  afterEach(() => world.authority.close())

  const probe = (query: Record<string, string> = {}): Promise<Response> =>
    world.api('docs', 'GET', `/v1/feed/head?${new URLSearchParams({ audience: DOCS, ...query }).toString()}`)
  const guards = async (): Promise<readonly unknown[]> =>
    (await bodyOf(await world.api('auditor', 'GET', '/v1/guards')))['guards'] as readonly unknown[]
  const said = (epoch: string, seq: number) => ({
    start: 'start-1',
    started: String(NOW - 60),
    applied: String(seq),
    applied_epoch: epoch,
    revision: '1',
    age: '1.3',
  })

  test('says who follows, and how far each has come', async () => {
    const { position } = (await bodyOf(await probe())) as { position: { epoch: string; seq: number } }
    await probe(said(position.epoch, position.seq))
    await world.authority.service.revoke({ kind: 'session', sid: 's' })
    world.clock.seconds += 4
    expect(await guards()).toEqual([
      {
        client: 'docs',
        start: 'start-1',
        startedAt: new Date((NOW - 60) * 1000).toISOString(),
        audience: DOCS,
        address: null,
        connected: false,
        seenSecondsAgo: 4,
        revision: 1,
        currentRevision: 1,
        position: `${position.epoch}.${position.seq}`,
        behind: 1,
        freshSeconds: 5.3,
      },
    ])
  })
  test('the guard is who its token says, whatever the question says', async () => {
    const { position } = (await bodyOf(await probe())) as { position: { epoch: string; seq: number } }
    await probe({ ...said(position.epoch, position.seq), client: 'mail', sub: 'mail', address: '192.0.2.1' })
    expect(await guards()).toMatchObject([{ client: 'docs', address: null }])
  })
  test.each([
    ['nothing', {}],
    ['what does not read', { start: 'a\u001b[2J', started: '1' }],
    ['more than a name can be', { start: 'a'.repeat(5000), started: '1' }],
    ['a position ahead of the log', { start: 'a', started: '1', applied: '99999', applied_epoch: 'EPOCH' }],
  ])('a question that says %s is answered as before, and leaves nothing', async (_name, query) => {
    const { position } = (await bodyOf(await probe())) as { position: { epoch: string } }
    const spoken = JSON.parse(JSON.stringify(query).replace('EPOCH', position.epoch)) as Record<string, string>
    expect((await probe(spoken)).status).toBe(200)
    expect(await guards()).toEqual([])
  })
  test('another epoch has no distance', async () => {
    await probe(said('another', 3))
    expect(await guards()).toMatchObject([{ position: 'another.3', behind: null }])
  })
  test('a connected guard is shown as such until its stream ends', async () => {
    const { position } = (await bodyOf(await probe())) as { position: { epoch: string; seq: number } }
    const { start, started } = said(position.epoch, position.seq)
    const query = { audience: DOCS, epoch: position.epoch, after: String(position.seq), start, started }
    const path = `/v1/feed/events?${new URLSearchParams(query).toString()}`
    const stream = await world.api('docs', 'GET', path)
    expect(await guards()).toMatchObject([{ start: 'start-1', connected: true, freshSeconds: null }])
    await stream.body?.cancel()
    expect(await guards()).toMatchObject([{ start: 'start-1', connected: false }])
  })
  test('a stream that could not begin connects nobody', async () => {
    const query = { audience: DOCS, epoch: 'gone', after: '0', start: 'a', started: '1' }
    const response = await world.api('docs', 'GET', `/v1/feed/events?${new URLSearchParams(query).toString()}`)
    expect(response.status).toBe(410)
    expect(await guards()).toMatchObject([{ connected: false }])
  })
  test.each([
    ['admin', 200],
    ['auditor', 200],
    ['docs', 403],
    ['sharing', 403],
    ['web-server', 403],
  ] as const)('%s: %i', async (client, status) => {
    expect((await world.api(client, 'GET', '/v1/guards')).status).toBe(status)
  })
  test('nobody without a token', async () => {
    expect((await world.authority.app.request('https://authority.example/v1/guards')).status).toBe(401)
  })
})
