// Keys: a rotation that no verifier notices, and a kill that everybody does.

import { createLocalKeys, createVerifier, type JsonWebKeySet } from '@cardea/token'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DISTRIBUTION_SECONDS } from '../../src/key/key-times.ts'
import { bodyOf, createWorld, DOCS, ISSUER, keySetOf, type World } from '../fixture.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.authority.close())

const jwks = (): Promise<JsonWebKeySet> => keySetOf(world)

async function token(): Promise<string> {
  world.clock.seconds += 1
  return String((await bodyOf(await world.exchange()))['access_token'])
}

const kidOf = (text: string): string => JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString()).kid

async function verifies(text: string, keys: JsonWebKeySet): Promise<boolean> {
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: DOCS,
    keys: createLocalKeys(keys),
    now: () => world.clock.seconds,
  })
  return verifier.verify(text).then(
    () => true,
    () => false,
  )
}

async function states(): Promise<Record<string, string[]>> {
  const { keys } = (await bodyOf(await world.api('admin', 'GET', '/v1/keys'))) as {
    keys: { kid: string; use: string; state: string }[]
  }
  const found: Record<string, string[]> = {}
  for (const { use, state } of keys) (found[use] ??= []).push(state)
  return found
}

describe('a rotation', () => {
  test('signs with a key that everybody had before, and the old one still verifies', async () => {
    const before = await jwks()
    const old = await token()
    const response = await world.api('admin', 'POST', '/v1/keys/rotate', { now: true })
    expect(response.status).toBe(200)
    const change = await bodyOf(response)
    const fresh = await token()
    expect(kidOf(fresh)).toBe(change['active'])
    expect(change['retiring']).toEqual([kidOf(old)])
    // a verifier that has not fetched since is not troubled, and neither is one that has
    expect(await verifies(fresh, before)).toBe(true)
    expect(await verifies(old, await jwks())).toBe(true)
    expect((await jwks()).keys.map(({ kid }) => kid)).toContain(change['pending'])
    expect(JSON.stringify(await jwks())).not.toContain('"d":')
  })

  test('forgets the old key when its last token has expired and nobody keeps an older key set', async () => {
    const old = kidOf(await token())
    await world.authority.service.rotateKeys('access', { now: true })
    world.clock.seconds += 360 + DISTRIBUTION_SECONDS - 1
    expect((await jwks()).keys.map(({ kid }) => kid)).toContain(old)
    world.clock.seconds += 1
    expect((await jwks()).keys.map(({ kid }) => kid)).not.toContain(old)
  })

  test('many times in a row leaves one active and one pending key', async () => {
    for (let n = 0; n < 5; n += 1) await world.authority.service.rotateKeys('access', { now: true })
    const access = (await states())['access'] ?? []
    expect(access.filter((state) => state === 'active')).toHaveLength(1)
    expect(access.filter((state) => state === 'pending')).toHaveLength(1)
    expect(await verifies(await token(), await jwks())).toBe(true)
  })

  test('of a key that verifiers may not know yet is refused unless it is to be now', async () => {
    const before = await jwks()
    world.clock.seconds += DISTRIBUTION_SECONDS - 1
    const refused = await world.api('admin', 'POST', '/v1/keys/rotate', {})
    expect(refused.status).toBe(409)
    expect(await bodyOf(refused)).toMatchObject({
      code: 'ERR_AUTHORITY_KEY_YOUNG',
      hint: expect.stringContaining('now'),
    })
    expect(await jwks()).toEqual(before)
    world.clock.seconds += 1
    expect((await world.api('admin', 'POST', '/v1/keys/rotate', {})).status).toBe(200)
    expect((await world.api('admin', 'POST', '/v1/keys/rotate', {})).status).toBe(409)
    expect(await bodyOf(await world.api('admin', 'POST', '/v1/keys/rotate', { now: true }))).toMatchObject({
      knownForSeconds: 0,
    })
  })

  test('of the bundle keys leaves those of tokens alone', async () => {
    const before = await jwks()
    const bundleKeys = world.authority.bundleKeys()
    await world.api('admin', 'POST', '/v1/keys/rotate', { purpose: 'bundle' })
    expect(await jwks()).toEqual(before)
    expect(world.authority.bundleKeys()).not.toEqual(bundleKeys)
    const kids = (set: { keys: readonly { kid?: string }[] }): (string | undefined)[] => set.keys.map(({ kid }) => kid)
    expect(kids(before).some((kid) => kids(bundleKeys).includes(kid))).toBe(false)
  })
})

describe('a kill', () => {
  test('ends everything that the key signed and puts the pending one in its place', async () => {
    const old = await token()
    const own = await world.own('auditor')
    const response = await world.api('admin', 'POST', `/v1/keys/${kidOf(old)}/kill`, {})
    expect(response.status).toBe(200)
    expect((await bodyOf(response))['active']).not.toBe(kidOf(old))
    expect(await verifies(old, await jwks())).toBe(false)
    const call = await world.authority.app.request(`${ISSUER}/v1/keys`, { headers: { authorization: `Bearer ${own}` } })
    expect(call.status).toBe(401)
    const snapshot = await bodyOf(await world.api('docs', 'GET', `/v1/feed/snapshot?audience=${DOCS}`))
    expect(snapshot['revocations']).toMatchObject([{ key: { kind: 'key', kid: kidOf(old) } }])
    expect(await verifies(await token(), await jwks())).toBe(true)
    expect((await states())['access']?.sort()).toEqual(['active', 'killed', 'pending'])
  })

  test('of a pending or a retiring key works, of a dead one does not', async () => {
    const { active, pending } = (await bodyOf(
      await world.api('admin', 'POST', '/v1/keys/rotate', { now: true }),
    )) as Record<string, string>
    expect((await world.api('admin', 'POST', `/v1/keys/${pending}/kill`, {})).status).toBe(200)
    expect(kidOf(await token())).toBe(active)
    const again = await world.api('admin', 'POST', `/v1/keys/${pending}/kill`, {})
    expect(again.status).toBe(409)
    expect(await bodyOf(again)).toMatchObject({ code: 'ERR_AUTHORITY_KEY_STATE' })
    expect((await world.api('admin', 'POST', '/v1/keys/none/kill', {})).status).toBe(404)
  })

  test('of the bundle key signs the present policies again with another', async () => {
    const { keys } = (await bodyOf(await world.api('admin', 'GET', '/v1/keys'))) as {
      keys: { kid: string; use: string; state: string }[]
    }
    const active = keys.find(({ use, state }) => use === 'bundle' && state === 'active')?.kid ?? ''
    await world.api('admin', 'POST', `/v1/keys/${active}/kill`, {})
    const snapshot = await bodyOf(await world.api('docs', 'GET', `/v1/feed/snapshot?audience=${DOCS}`))
    const bundle = snapshot['bundle'] as { revision: number; digest: string }
    expect(bundle.revision).toBe(2)
    const jws = await (await world.api('docs', 'GET', `/v1/bundles/${bundle.digest}`)).text()
    expect(kidOf(jws)).not.toBe(active)
  })

  test('by revoking the key is the same', async () => {
    const old = kidOf(await token())
    await world.api('admin', 'POST', '/v1/revocations', { key: { kind: 'key', kid: old } })
    expect((await jwks()).keys.map(({ kid }) => kid)).not.toContain(old)
  })
})

test('a rotation of the bundle key signs the present policies with the new one', async () => {
  const pinned = world.authority.bundleKeys().keys.map(({ kid }) => kid)
  const change = await bodyOf(await world.api('admin', 'POST', '/v1/keys/rotate', { purpose: 'bundle' }))
  const snapshot = await bodyOf(await world.api('docs', 'GET', `/v1/feed/snapshot?audience=${DOCS}`))
  const { digest } = snapshot['bundle'] as { digest: string }
  const jws = await (await world.api('docs', 'GET', `/v1/bundles/${digest}`)).text()
  expect(kidOf(jws)).toBe(change['active'])
  // whoever pinned both keys before goes on without a change
  expect(pinned).toContain(kidOf(jws))
  expect(snapshot['position']).toEqual(change['position'])
})
