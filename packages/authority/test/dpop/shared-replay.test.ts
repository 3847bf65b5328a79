// A proof counts once: at any number of authorities, after a restart, and not at all while the store cannot say.

import * as dpop from 'dpop'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../../tools/postgres.ts'
import { createSharedReplay } from '../../src/dpop/shared-replay.ts'
import { proveKey, useProofAlone } from '../../src/endpoint/token/binding.ts'
import { AuthorityError } from '../../src/index.ts'
import type { Store } from '../../src/store/store.ts'
import { bodyOf, createWorld, DOCS, EXCHANGE, ID_TOKEN, ISSUER, type World, type WorldOptions } from '../fixture.ts'

const KEY = Buffer.alloc(32, 7).toString('base64')
/** The client library has the system's clock. */
const now = (): number => Math.floor(Date.now() / 1000)

const pair = await dpop.generateKeyPair('ES256')
const makeProof = (method = 'POST', path = '/token', token?: string): Promise<string> =>
  dpop.generateProof(pair, `${ISSUER}${path}`, method, undefined, token)
const present = async (world: World, proof: string): Promise<Response> =>
  world.exchange({ subject_token: await world.provider.idToken({ nonce: crypto.randomUUID() }) }, { dpop: proof })

describe('three authorities on one PostgreSQL', () => {
  let server: PostgresServer
  let worlds: World[]
  beforeAll(async () => {
    server = await startPostgres()
    const common: WorldOptions = { store: await server.newDatabase(), key: KEY, clock: { seconds: now() } }
    const first = await createWorld(common)
    const { provider } = first
    const another = (): Promise<World> => createWorld({ ...common, provider, publish: false })
    worlds = [first, await another(), await another()]
  }, 60_000)
  afterAll(async () => {
    for (const { authority } of worlds) await authority.close()
    await server.remove()
  }, 60_000)
  const at = (index: number): World => {
    const world = worlds[index % 3]
    if (world === undefined) throw new Error('no authority')
    world.clock.seconds = now()
    return world
  }

  test('take one of thirty uses of one proof', async () => {
    const proof = await makeProof()
    const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => present(at(index), proof)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(await bodyOf(answer)).toMatchObject({ error: 'invalid_dpop_proof', code: 'ERR_AUTHORITY_DPOP' })
    }
  })

  test('take one of the uses of one proof at their own API', async () => {
    const form = { grant_type: 'client_credentials' }
    const { access_token: token } = await bodyOf(await at(0).token('admin', form, { dpop: await makeProof() }))
    const proof = await makeProof('GET', '/v1/keys', String(token))
    const statuses: number[] = []
    for (const index of [0, 1, 2]) {
      const headers = { authorization: `DPoP ${String(token)}`, dpop: proof }
      statuses.push((await at(index).authority.app.request(`${ISSUER}/v1/keys`, { headers })).status)
    }
    expect(statuses).toEqual([200, 401, 401])
  })
})

test('a proof that was used before a restart is refused after it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cardea-replay-'))
  const common: WorldOptions = { store: join(folder, 'authority.sqlite'), key: KEY, clock: { seconds: now() } }
  const before = await createWorld(common)
  const [used, unused] = [await makeProof(), await makeProof()]
  expect((await present(before, used)).status).toBe(200)
  await before.authority.close()
  const after = await createWorld({ ...common, provider: before.provider, publish: false })
  expect((await present(after, used)).status).toBe(400)
  // housekeeping forgets nothing that would still be taken
  after.clock.seconds += 60
  await after.authority.service.keepHouse()
  after.clock.seconds -= 60
  expect((await present(after, used)).status).toBe(400)
  expect((await present(after, unused)).status).toBe(200)
  await after.authority.close()
  rmSync(folder, { recursive: true })
})

test('while the store does not answer no proof is taken, and the request can be sent again', async () => {
  const store = {
    write: () => Promise.reject(new AuthorityError('ERR_AUTHORITY_STORE_UNAVAILABLE')),
  } as unknown as Store
  const proof = await proveKey(await makeProof(), `${ISSUER}/token`, { nonces: undefined, now, latest: now })
  await expect(useProofAlone(proof, { store })).rejects.toMatchObject({ code: 'ERR_AUTHORITY_STORE_UNAVAILABLE' })
  await expect(createSharedReplay({ store, latest: now }).add('key')).rejects.toMatchObject({
    code: 'ERR_AUTHORITY_STORE_UNAVAILABLE',
  })
})

describe('a proof is used up by what comes of it, and by nothing else', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ clock: { seconds: now() } })
  })
  afterAll(() => world.authority.close())

  const used = async (client: string | undefined, proof: string, form: Record<string, string>): Promise<number> =>
    (await world.token(client, form, { dpop: proof })).status

  test('so that nobody fills the store with proofs for nothing', async () => {
    const proof = await makeProof()
    const form = { grant_type: EXCHANGE, subject_token: 'a.b.c', subject_token_type: ID_TOKEN, audience: DOCS }
    expect(await used(undefined, proof, { ...form, client_id: 'browser' })).toBe(400)
    expect(await used(undefined, proof, { grant_type: 'refresh_token', client_id: 'app', refresh_token: 'x' })).toBe(
      400,
    )
    expect((await present(world, proof)).status).toBe(200)
    expect((await present(world, proof)).status).toBe(400)
  })

  test.each([
    ['client credentials for the authority', () => ({ grant_type: 'client_credentials' }), 'admin'],
    ['client credentials for an audience', () => ({ grant_type: 'client_credentials', audience: DOCS }), 'web-server'],
  ] as const)('%s', async (_, form, client) => {
    const proof = await makeProof()
    const first = await used(client, proof, form())
    const second = await used(client, proof, form())
    // whatever a client gets for itself here, it is not twice for one proof
    expect([first, second].filter((status) => status === 200).length).toBeLessThanOrEqual(1)
    expect(second).toBe(400)
  })

  test('a refresh', async () => {
    const subject = await world.provider.idToken({ nonce: crypto.randomUUID(), aud: 'backend' })
    const form = { grant_type: EXCHANGE, subject_token: subject, subject_token_type: ID_TOKEN, audience: DOCS }
    const answer = await bodyOf(await world.token('backend', form, { dpop: await makeProof() }))
    const again = { grant_type: 'refresh_token', refresh_token: String(answer['refresh_token']) }
    const proof = await makeProof()
    expect([await used('backend', proof, again), await used('backend', proof, again)]).toEqual([200, 400])
    expect(await used('backend', await makeProof(), again)).toBe(200)
  })
})
