// Three authorities on one PostgreSQL: what one has acknowledged holds at the others at once, and work that each does by itself is done once.

import { createFeedClient } from '@cardea/feed'
import { createLocalKeys } from '@cardea/token'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../tools/postgres.ts'
import {
  bodyOf,
  createWorld,
  DOCS,
  EXCHANGE,
  ID_TOKEN,
  keySetOf,
  POLICIES,
  SCHEMA,
  sources,
  type World,
} from './fixture.ts'

const KEY = Buffer.alloc(32, 7).toString('base64url')

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server.remove(), 60_000)

let worlds: readonly [World, World, World]
beforeEach(async () => {
  const store = await server.newDatabase()
  const first = await createWorld({ store, key: KEY })
  const { clock, provider } = first
  const another = (): Promise<World> => createWorld({ store, key: KEY, publish: false, clock, provider })
  worlds = [first, await another(), await another()]
}, 60_000)
afterEach(async () => {
  for (const { authority } of worlds) await authority.close()
})

const payloadOf = (token: unknown): Record<string, unknown> =>
  JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())
const headerOf = (token: unknown): Record<string, unknown> =>
  JSON.parse(Buffer.from(String(token).split('.')[0] ?? '', 'base64url').toString())

/** Asks until it is so: what another authority has committed is heard in a moment. */
async function eventually(holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + 5000
  while (!(await holds())) {
    if (performance.now() > end) throw new Error('it did not come')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('three authorities', () => {
  test('pack what another has granted, and know a sign-in that began elsewhere', async () => {
    const [one, two, three] = worlds
    const idToken = await one.provider.idToken()
    const first = payloadOf((await bodyOf(await one.exchange({ subject_token: idToken })))['access_token'])
    const granted = await two.api('sharing', 'POST', '/v1/grants', {
      tenant: 'acme',
      template: 'viewer',
      grantee: 'User::"ann"',
      resource: 'Document::"00112233-4455-6677-8899-aabbccddeeff"',
    })
    expect(granted.status).toBe(201)
    const second = payloadOf((await bodyOf(await three.exchange({ subject_token: idToken })))['access_token'])
    expect(second['sid']).toBe(first['sid'])
    expect(second['grants']).not.toEqual(first['grants'])
  })

  test('refuse a sign-in that another has revoked, from the answer on', async () => {
    for (const [at, world] of worlds.entries()) {
      const idToken = await world.provider.idToken({ sub: `auth0|${at}`, jti: `t${at}` })
      const { sid } = payloadOf((await bodyOf(await world.exchange({ subject_token: idToken })))['access_token'])
      const other = worlds[(at + 1) % 3] ?? world
      const revoked = await other.api('admin', 'POST', '/v1/revocations', { key: { kind: 'session', sid } })
      expect(revoked.status).toBeLessThan(300)
      for (const each of worlds) {
        expect((await each.exchange({ subject_token: idToken })).status).toBe(400)
      }
    }
  })

  test('spend a refresh token once, however many use it where at once, and notice a reuse wherever it is', async () => {
    const [one] = worlds
    const exchanged = await bodyOf(
      await one.token(undefined, {
        grant_type: EXCHANGE,
        client_id: 'app',
        subject_token: await one.provider.idToken({ aud: 'app' }),
        subject_token_type: ID_TOKEN,
        audience: DOCS,
      }),
    )
    const refresh = async (world: World, token: unknown): Promise<Record<string, unknown>> =>
      bodyOf(
        await world.token(undefined, {
          grant_type: 'refresh_token',
          client_id: 'app',
          refresh_token: String(token),
        }),
      )
    let token = exchanged['refresh_token']
    for (let round = 0; round < 5; round += 1) {
      const uses = Array.from({ length: 12 }, (_, index) => refresh(worlds[index % 3] ?? one, token))
      const successors = new Set((await Promise.all(uses)).map((body) => body['refresh_token']))
      expect(successors.size).toBe(1)
      token = [...successors][0]
      expect(token).toEqual(expect.any(String))
    }
    const spent = exchanged['refresh_token']
    const reuses = await Promise.all(worlds.map(async (world) => (await refresh(world, spent))['code']))
    const ended = 'ERR_AUTHORITY_SESSION_ENDED'
    expect(reuses.filter((code) => code === 'ERR_AUTHORITY_REFRESH_REUSED')).toHaveLength(1)
    expect(reuses.filter((code) => code === ended)).toHaveLength(2)
    for (const world of worlds) expect(await refresh(world, token)).toMatchObject({ code: ended })
    const { sid } = payloadOf(exchanged['access_token'])
    const { revocations } = await bodyOf(await one.api('docs', 'GET', `/v1/feed/snapshot?audience=${DOCS}`))
    expect(revocations).toMatchObject([{ key: { kind: 'session', sid } }])
  })

  test('refuse a person that another has revoked, though the sign-in began nowhere yet', async () => {
    const [one, two] = worlds
    const idToken = await one.provider.idToken({ iat: one.clock.seconds - 5 })
    await two.api('admin', 'POST', '/v1/revocations', { key: { kind: 'tenant', tenant: 'acme' } })
    expect(await bodyOf(await one.exchange({ subject_token: idToken }))).toMatchObject({ error: 'invalid_grant' })
  })

  test('sign with the key that another has rotated to, and publish its keys', async () => {
    const [one, two, three] = worlds
    const change = await bodyOf(await one.api('admin', 'POST', '/v1/keys/rotate', { now: true }))
    await eventually(async () => {
      const { access_token } = await bodyOf(await two.exchange())
      return headerOf(access_token)['kid'] === change['active']
    })
    await eventually(async () => (await keySetOf(three)).keys.some(({ kid }) => kid === change['pending']))
  })

  test('rotate once when it is time, whichever of them comes first', async () => {
    const [one] = worlds
    const statesOf = async (): Promise<ReadonlySet<string>> => {
      const { keys } = await bodyOf(await one.api('admin', 'GET', '/v1/keys'))
      const access = (keys as { use: string; state: string }[]).filter(({ use }) => use === 'access')
      expect(access).toHaveLength(3)
      return new Set(access.map(({ state }) => state))
    }
    one.clock.seconds += 30 * 86_400
    await Promise.all(worlds.map(({ authority }) => authority.service.keepHouse()))
    expect(await statesOf()).toEqual(new Set(['active', 'pending', 'retiring']))
    await Promise.all(worlds.map(({ authority }) => authority.service.keepHouse()))
    expect(await statesOf()).toEqual(new Set(['active', 'pending', 'retiring']))
  })

  test('pack by the policies that another has published, which nobody publishes over unseen', async () => {
    const [one, two, three] = worlds
    const text = `${POLICIES}\n@id("cleared") permit (principal, action == Action::"view", resource) when { principal has clearance && principal.clearance > 3 };`
    const next = { schema: { file: 'schema.cedarschema', text: SCHEMA }, policies: [{ file: 'policies.cedar', text }] }
    const before = payloadOf((await bodyOf(await two.exchange()))['access_token'])
    await one.authority.service.publish(next)
    await eventually(async () => {
      const { access_token } = await bodyOf(await two.exchange())
      return payloadOf(access_token)['plan'] !== before['plan']
    })
    const stale = await three.api('admin', 'POST', '/v1/policies', sources, { 'if-match': '"1"' })
    expect(stale.status).toBe(412)
  })

  test('send a guard at one what another has revoked', async () => {
    const [one, two] = worlds
    const { url } = await one.authority.listen({ port: 0 })
    const client = createFeedClient({
      authority: url,
      audience: DOCS,
      credentials: () => one.own('docs'),
      bundleKeys: createLocalKeys(one.authority.bundleKeys()),
    })
    await client.start()
    const { sid } = payloadOf((await bodyOf(await two.exchange()))['access_token'])
    const before = client.state().revocations.size
    await two.api('admin', 'POST', '/v1/revocations', { key: { kind: 'session', sid } })
    await eventually(() => client.state().revocations.size === before + 1)
    await client.close()
  })

  test('activate a staged publication once', async () => {
    const [one] = worlds
    const text = `${POLICIES}\n@id("cleared") permit (principal, action == Action::"view", resource) when { principal has clearance && principal.clearance > 3 };`
    const staged = await one.authority.service.publish({
      schema: { file: 'schema.cedarschema', text: SCHEMA },
      policies: [{ file: 'policies.cedar', text }],
      stage: 'when-tokens-know',
    })
    expect(staged.activatesAtSeconds).toBeGreaterThan(one.clock.seconds)
    one.clock.seconds = (staged.activatesAtSeconds ?? 0) + 1
    await Promise.all(worlds.map(({ authority }) => authority.service.keepHouse()))
    for (const world of worlds) {
      const { revision } = await bodyOf(await world.api('admin', 'GET', '/v1/policies/current'))
      expect(revision).toBe(staged.revision + 1)
    }
  })
})
