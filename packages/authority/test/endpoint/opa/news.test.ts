// The news of an OPA: what is in them, whom they reach at once, and when they come again.

import { hiddenPrincipal } from '@cardea/opa'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bodyOf, createWorld, keySetOf, SCHEMA, sources, type World } from '../../fixture.ts'
import { download, LONG_POLL, OPTIONS, revocationsOf, unpack } from './downloads.ts'

let world: World
beforeEach(async () => {
  world = await createWorld(OPTIONS)
})
afterEach(() => world.authority.close())

describe('the news', () => {
  test('say the keys, the revocations and the time of the read', async () => {
    await world.authority.service.revoke({ kind: 'principal', tenant: 'acme', sub: 'ann' })
    const unpacked = await unpack(await download(world, 'news'))
    const { news } = unpacked.data.cardea_data
    expect(news).toMatchObject({
      time: world.clock.seconds,
      policy: { revision: 1 },
      tenants: { all: true, names: {} },
    })
    expect(Object.keys(news.keys).toSorted()).toEqual(
      (await keySetOf(world)).keys.map(({ kid }) => String(kid)).toSorted(),
    )
    const name = hiddenPrincipal(news.subject_key, 'acme', 'ann')
    expect(revocationsOf(unpacked)['principals']).toEqual({
      acme: { [name]: expect.objectContaining({ seq: news.seq }) as unknown },
    })
    expect(JSON.stringify(unpacked.data)).not.toContain('"ann"')
    expect(unpacked.manifest).toMatchObject({
      revision: `${news.epoch}:${news.seq}:${news.time}`,
      roots: ['cardea_data/news'],
    })
  })

  test('of a client with tenants are those of its tenants', async () => {
    for (const tenant of ['acme', 'other']) await world.authority.service.revoke({ kind: 'tenant', tenant })
    const unpacked = await unpack(await download(world, 'news', { client: 'sharing' }))
    expect(unpacked.data.cardea_data.news.tenants).toEqual({ all: false, names: { acme: true } })
    expect(Object.keys(revocationsOf(unpacked)['tenants'] ?? {})).toEqual(['acme'])
    expect(Object.keys(revocationsOf(await unpack(await download(world, 'news')))['tenants'] ?? {})).toEqual([
      'acme',
      'other',
    ])
  })

  test('of a killed key do not have it any more, and have its revocation', async () => {
    const { keys } = (await unpack(await download(world, 'news'))).data.cardea_data.news
    const { keys: listed } = (await bodyOf(await world.api('admin', 'GET', '/v1/keys'))) as {
      keys: { kid: string; use: string; state: string }[]
    }
    const kid = listed.find(({ use, state }) => use === 'access' && state === 'active')?.kid ?? ''
    expect(Object.keys(keys)).toContain(kid)
    await world.authority.service.revoke({ kind: 'key', kid })
    const unpacked = await unpack(await download(world, 'news'))
    expect(Object.keys(unpacked.data.cardea_data.news.keys)).not.toContain(kid)
    expect(Object.keys(revocationsOf(unpacked)['keys'] ?? {})).toEqual([kid])
  })

  test('of a revocation reach all who wait, made once', async () => {
    const tag = (await download(world, 'news')).headers.get('etag') ?? ''
    const headers = { prefer: LONG_POLL, 'if-none-match': tag }
    const held = Array.from({ length: 10 }, () => download(world, 'news', { headers }))
    await world.authority.service.revoke({ kind: 'session', sid: 's1' })
    const answers = await Promise.all(held)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map((answer) => answer.headers.get('etag'))).size).toBe(1)
    for (const answer of answers)
      expect(Object.keys(revocationsOf(await unpack(answer))['sessions'] ?? {})).toEqual(['s1'])
  })

  test('come again when they get old, though nothing has changed', async () => {
    const annotated = SCHEMA.replace('action view, edit', '@sensitive @maxStale("1s")\naction view, edit')
    await world.authority.service.publish({ ...sources, schema: { ...sources.schema, text: annotated } })
    const tag = (await download(world, 'news')).headers.get('etag') ?? ''
    const began = performance.now()
    world.clock.seconds += 1
    const response = await download(world, 'news', { headers: { prefer: LONG_POLL, 'if-none-match': tag } })
    expect(response.status).toBe(200)
    expect((await unpack(response)).data.cardea_data.news.time).toBe(world.clock.seconds)
    expect(performance.now() - began).toBeGreaterThan(800)
  })

  test('of another tenant are not in it, but the place that they moved is, in a moment', async () => {
    const first = await download(world, 'news', { client: 'sharing' })
    const tag = first.headers.get('etag') ?? ''
    const { seq } = (await unpack(first)).data.cardea_data.news
    const held = download(world, 'news', { client: 'sharing', headers: { prefer: LONG_POLL, 'if-none-match': tag } })
    await world.authority.service.revoke({ kind: 'tenant', tenant: 'other' })
    const answer = await held
    expect(answer.status).toBe(200)
    const unpacked = await unpack(answer)
    expect(unpacked.data.cardea_data.news.seq).toBeGreaterThan(seq)
    expect(revocationsOf(unpacked)['tenants']).toEqual({})
  })
})
