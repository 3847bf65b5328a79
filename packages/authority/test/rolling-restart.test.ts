// An upgrade without downtime: three authorities on one database, replaced one after the other behind something that asks for their
// health, while tokens are exchanged and guards follow.

import { setTimeout as wait } from 'node:timers/promises'
import { createFeedClient, type FeedClient } from '@cardea/feed'
import { createLocalKeys } from '@cardea/token'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../tools/postgres.ts'
import { bodyOf, createWorld, DOCS, EXCHANGE, ID_TOKEN, ISSUER, SECRETS, basic, type World } from './fixture.ts'

const KEY = Buffer.alloc(32, 7).toString('base64url')
const HEALTH_MILLISECONDS = 50
const DRAIN_SECONDS = 0.4
const GUARDS = 10
/** Of `@sensitive`. */
const BOUND_SECONDS = 5

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server.remove(), 60_000)

interface Upstream {
  world: World
  url: string
  isHealthy: boolean
}

/** Gives each request to the next upstream that was healthy when it was last asked, and counts what the caller hears. */
function balance(upstreams: readonly Upstream[]): {
  readonly fetch: typeof globalThis.fetch
  readonly close: () => void
} {
  let turn = 0
  const ask = async (upstream: Upstream): Promise<void> => {
    const response = await fetch(`${upstream.url}/health`).catch(() => undefined)
    upstream.isHealthy = response?.status === 200
    await response?.body?.cancel()
  }
  const timer = setInterval(() => void Promise.all(upstreams.map(ask)), HEALTH_MILLISECONDS)
  return {
    fetch: (input, init) => {
      const healthy = upstreams.filter(({ isHealthy }) => isHealthy)
      turn += 1
      const upstream = healthy[turn % healthy.length]
      if (upstream === undefined) throw new Error('no authority is healthy')
      const { pathname, search } = new URL(input instanceof Request ? input.url : input)
      return fetch(`${upstream.url}${pathname}${search}`, init)
    },
    close: () => clearInterval(timer),
  }
}

interface Seen {
  readonly reached: readonly boolean[]
  /** What each guard knows to be revoked, and what was acknowledged. */
  readonly known: readonly (readonly string[])[]
  readonly revoked: readonly string[]
  readonly statuses: ReadonlyMap<unknown, number>
  readonly ages: readonly number[]
}

/** Replaces each of three authorities, under load, and says what guards and clients noticed. */
async function replaceAll(end: (world: World) => Promise<void>): Promise<Seen> {
  const store = await server.newDatabase()
  const options = { store, key: KEY, drainSeconds: DRAIN_SECONDS }
  const clock = { seconds: Math.floor(Date.now() / 1000) }
  const first = await createWorld({ ...options, clock })
  const { provider } = first
  const another = (): Promise<World> => createWorld({ ...options, publish: false, clock, provider })
  const upstreams: Upstream[] = []
  for (const world of [first, await another(), await another()]) {
    upstreams.push({ world, isHealthy: true, ...(await world.authority.listen({ port: 0 })) })
  }
  const { fetch: balanced, close } = balance(upstreams)
  const post = async (client: keyof typeof SECRETS, form: Record<string, string>): Promise<Record<string, unknown>> => {
    const headers = { authorization: basic(client, SECRETS[client]) }
    const response = await balanced(`${ISSUER}/token`, { method: 'POST', headers, body: new URLSearchParams(form) })
    return { ...(await bodyOf(response)), status: response.status }
  }

  const guards: FeedClient[] = []
  for (let n = 0; n < GUARDS; n += 1) {
    const guard = createFeedClient({
      authority: ISSUER,
      audience: DOCS,
      credentials: async () => String((await post('docs', { grant_type: 'client_credentials' }))['access_token']),
      bundleKeys: createLocalKeys(first.authority.bundleKeys()),
      fetch: balanced,
      tightestBoundSeconds: BOUND_SECONDS,
    })
    guards.push(guard)
    await guard.start()
  }

  const ending = new AbortController()
  const { signal } = ending
  const ages: number[] = []
  const statuses = new Map<unknown, number>()
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      ages.push(...guards.map((guard) => guard.ageSeconds()))
      await wait(20)
    }
  }
  const load = async (): Promise<void> => {
    for (let n = 0; !signal.aborted; n += 1) {
      const answer = await post('web-server', {
        grant_type: EXCHANGE,
        subject_token: await provider.idToken({ nonce: `n${n}` }),
        subject_token_type: ID_TOKEN,
        audience: DOCS,
      }).catch((error: unknown) => ({ status: String(error) }))
      statuses.set(answer['status'], (statuses.get(answer['status']) ?? 0) + 1)
    }
  }
  const running = [watch(), load(), load()]
  const revoked: string[] = []
  for (const upstream of upstreams) {
    const { authority } = upstream.world
    const sid = `s${revoked.length}`
    await authority.service.revoke({ kind: 'session', sid })
    revoked.push(sid)
    await end(upstream.world)
    upstream.world = await another()
    upstream.url = (await upstream.world.authority.listen({ port: 0 })).url
    await wait(2 * HEALTH_MILLISECONDS)
  }
  const [one] = upstreams
  if (one === undefined) throw new Error('no authority')
  const { position } = await one.world.authority.service.revoke({ kind: 'session', sid: 'last' })
  const reached = await Promise.all(guards.map((guard) => guard.waitFor(position, 3000)))
  ending.abort()
  await Promise.all(running)
  const known = guards.map((guard) =>
    guard
      .state()
      .revocations.list()
      .flatMap(({ key }) => (key.kind === 'session' ? key.sid : [])),
  )
  await Promise.all(guards.map((guard) => guard.close()))
  close()
  for (const { world } of upstreams) await world.authority.close()
  return { reached, known, revoked, statuses, ages }
}

describe('three authorities that are replaced one after the other', () => {
  test('refuse nobody, and no guard is stale for a moment', async () => {
    const { reached, known, revoked, statuses, ages } = await replaceAll(async ({ authority }) => {
      await authority.drain()
      await authority.close()
    })
    expect(reached).toEqual(reached.map(() => true))
    expect(reached).toHaveLength(GUARDS)
    for (const sids of known) expect(sids.toSorted()).toEqual(['last', ...revoked])
    expect([...statuses.keys()]).toEqual([200])
    expect(statuses.get(200)).toBeGreaterThan(20)
    expect(Math.max(...ages)).toBeLessThan(BOUND_SECONDS)
  }, 60_000)

  test('refuse some when they end at once, but lose nothing', async () => {
    const { known, revoked, statuses } = await replaceAll(({ authority }) => authority.close())
    expect(statuses.size).toBeGreaterThan(1)
    for (const sids of known) expect(sids.toSorted()).toEqual(['last', ...revoked])
  }, 60_000)

  test('one that drains says so, answers, and opens no stream', async () => {
    const world = await createWorld({ drainSeconds: 0 })
    const { url } = await world.authority.listen({ port: 0 })
    expect((await fetch(`${url}/health`)).status).toBe(200)
    await world.authority.drain()
    const health = await fetch(`${url}/health`)
    expect([health.status, health.headers.get('connection'), await bodyOf(health)]).toEqual([
      503,
      'close',
      { status: 'draining', seq: expect.any(Number) },
    ])
    expect((await world.exchange()).status).toBe(200)
    const head = await world.api('docs', 'GET', `/v1/feed/head?audience=${DOCS}`)
    const { position } = await bodyOf(head)
    const { epoch, seq } = position as { epoch: string; seq: number }
    const events = await world.api('docs', 'GET', `/v1/feed/events?audience=${DOCS}&epoch=${epoch}&after=${seq}`)
    expect([events.status, (await bodyOf(events))['code']]).toEqual([503, 'ERR_AUTHORITY_CLOSED'])
    await world.authority.close()
  })
})
