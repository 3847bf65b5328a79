// Two authorities on one PostgreSQL: an OPA may ask either, gets the same, and never something older than it has.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../../../tools/postgres.ts'
import { createWorld, sources, type World } from '../../fixture.ts'
import { download, LONG_POLL, OPTIONS, revocationsOf, unpack } from './downloads.ts'

const KEY = Buffer.alloc(32, 7).toString('base64url')
const KINDS = ['policy', 'news', 'discovery'] as const

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server.remove(), 60_000)

let one: World
let other: World
beforeEach(async () => {
  const shared = { ...OPTIONS, store: await server.newDatabase(), key: KEY }
  one = await createWorld(shared)
  const { clock, provider } = one
  other = await createWorld({ ...shared, publish: false, clock, provider })
}, 60_000)
afterEach(() => Promise.all([one, other].map(({ authority }) => authority.close())))

const tagOf = (response: Response): string => response.headers.get('etag') ?? ''

test('what each makes has one tag, so who changes over downloads nothing', async () => {
  for (const kind of KINDS) {
    const tag = tagOf(await download(one, kind))
    const again = await download(other, kind, { headers: { 'if-none-match': tag } })
    expect([kind, again.status, tagOf(again)]).toEqual([kind, 304, tag])
  }
})

test('who waits at one hears of what another has revoked and published', async () => {
  const held = async (kind: string): Promise<Promise<Response>[]> => [
    download(other, kind, { headers: { prefer: LONG_POLL, 'if-none-match': tagOf(await download(other, kind)) } }),
  ]
  const [news] = await held('news')
  await one.authority.service.revoke({ kind: 'session', sid: 's1' })
  expect(Object.keys(revocationsOf(await unpack((await news) as Response))['sessions'] ?? {})).toEqual(['s1'])
  const [policy] = await held('policy')
  await one.authority.service.publish(sources)
  expect((await unpack((await policy) as Response)).data.cardea_data.settings).toMatchObject({ revision: 2 })
})

test('who comes from another one gets nothing older than it has', async () => {
  for (let n = 0; n < 10; n += 1) {
    // both have made theirs
    await Promise.all([download(one, 'news'), download(other, 'news')])
    await one.authority.service.revoke({ kind: 'session', sid: `s${n}` })
    const tag = tagOf(await download(one, 'news'))
    const answer = await download(other, 'news', { headers: { 'if-none-match': tag } })
    const sessions =
      answer.status === 304 ? [`s${n}`] : Object.keys(revocationsOf(await unpack(answer))['sessions'] ?? {})
    expect(sessions).toContain(`s${n}`)
  }
})
