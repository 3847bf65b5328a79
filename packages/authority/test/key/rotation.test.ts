// Rotation by the clock: nobody is asked, nothing is restarted, and no verifier meets a key that it could not know.

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import { bodyOf, createWorld, DOCS, ISSUER, keySetOf, NOW, type World } from '../fixture.ts'

const HOUR = 3600
const kidOf = (text: string): string => JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString()).kid

let world: World
let server: Server | undefined
afterEach(async () => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
  await world.authority.close()
})

async function token(): Promise<string> {
  const response = await world.exchange({ subject_token: await world.provider.idToken() })
  expect(response.status).toBe(200)
  return String((await bodyOf(response))['access_token'])
}

async function jwks(): Promise<{ readonly status: number; readonly text: string }> {
  const response = await world.authority.app.request(`${ISSUER}/jwks`)
  return { status: response.status, text: await response.text() }
}

async function signerNow(): Promise<string> {
  return kidOf(await token())
}

describe('a rotation by the clock', () => {
  test('comes when the key has signed for so long, and not before', async () => {
    world = await createWorld({ rotateKeysSeconds: HOUR })
    const first = await signerNow()
    world.clock.seconds = NOW + HOUR - 1
    await world.authority.service.keepHouse()
    expect(await signerNow()).toBe(first)
    world.clock.seconds = NOW + HOUR
    await world.authority.service.keepHouse()
    const second = await signerNow()
    expect(second).not.toBe(first)
    // it was distributed for as long as the other one signed
    await world.authority.service.keepHouse()
    expect(await signerNow()).toBe(second)
  })

  test('is one, however many were missed', async () => {
    world = await createWorld({ rotateKeysSeconds: HOUR })
    const before = (await keySetOf(world)).keys.map(({ kid }) => kid)
    const first = await signerNow()
    world.clock.seconds = NOW + 20 * HOUR
    await world.authority.service.keepHouse()
    await world.authority.service.keepHouse()
    const second = await signerNow()
    expect(second).not.toBe(first)
    // the one that was pending through it all: every verifier has had it
    expect(before).toContain(second)
  })

  test('counts anew after one that somebody asked for', async () => {
    world = await createWorld({ rotateKeysSeconds: HOUR })
    world.clock.seconds = NOW + HOUR - 1
    const { active, knownForSeconds } = await world.authority.service.rotateKeys()
    expect(knownForSeconds).toBe(HOUR - 1)
    world.clock.seconds = NOW + HOUR
    await world.authority.service.keepHouse()
    expect(await signerNow()).toBe(active)
  })

  test('does not happen with 0', async () => {
    world = await createWorld({ rotateKeysSeconds: 0 })
    const first = await signerNow()
    world.clock.seconds = NOW + 1000 * 86_400
    await world.authority.service.keepHouse()
    expect(await signerNow()).toBe(first)
  })

  test.each([-1, 1, HOUR - 1, 1.5])('is not had every %d seconds', async (rotateKeysSeconds) => {
    const refused = createWorld({ rotateKeysSeconds })
    await expect(refused).rejects.toMatchObject({ code: 'ERR_AUTHORITY_CONFIG' })
    world = await createWorld()
  })
})

test('a stock verifier with a cached key set refuses nothing over many rotations', async () => {
  world = await createWorld({ rotateKeysSeconds: HOUR })
  let fetched = 0
  const answer = async (response: ServerResponse): Promise<void> => {
    fetched += 1
    const { status, text } = await jwks()
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  }
  server = createServer((_, response) => void answer(response))
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  // it fetches again for a key that it does not know, but never within the cool-down: an early key would be refused
  const keys = createRemoteJWKSet(new URL(`http://127.0.0.1:${port}/jwks`), {
    cacheMaxAge: 86_400_000,
    cooldownDuration: 86_400_000,
  })
  const verify = async (text: string): Promise<unknown> =>
    jwtVerify(text, keys, {
      issuer: ISSUER,
      audience: DOCS,
      typ: 'at+jwt',
      currentDate: new Date(world.clock.seconds * 1000),
    })
  const signers = new Set<string>()
  let old = await token()
  await verify(old)
  // a tenth of the rotation at a time, and the last token of the old key besides the first of the new one
  for (let step = 0; step < 10; step += 1) {
    world.clock.seconds += HOUR / 10
    await world.authority.service.keepHouse()
    const fresh = await token()
    signers.add(kidOf(fresh))
    await verify(fresh)
    world.clock.seconds += 200
    await verify(fresh)
    world.clock.seconds -= 200
    old = fresh
  }
  expect(signers.size).toBe(2)
  expect(fetched).toBe(1)
})

test('another algorithm takes effect with the rotation that follows, and refuses no living token', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cardea-algorithm-'))
  const store = join(folder, 'authority.sqlite')
  const before = await createWorld({ store })
  const { clock, provider } = before
  const own = await before.own('admin')
  await before.authority.close()
  world = await createWorld({ store, clock, provider, publish: false, algorithm: 'EdDSA' })
  const list = async (): Promise<string> => {
    const headers = { authorization: `Bearer ${own}` }
    const { keys } = await bodyOf(await world.authority.app.request(`${ISSUER}/v1/keys`, { headers }))
    const access = (keys as { use: string; state: string; algorithm: string }[]).filter(({ use }) => use === 'access')
    return access.find(({ state }) => state === 'active')?.algorithm ?? ''
  }
  expect(await list()).toBe('ES256')
  await world.authority.service.rotateKeys('access', { now: true })
  expect(await list()).toBe('EdDSA')
  rmSync(folder, { recursive: true })
})

describe.each(['ES256', 'RS256', 'PS256', 'EdDSA'] as const)('keys of %s', (algorithm) => {
  test('sign, rotate, refresh and are killed', async () => {
    world = await createWorld({ algorithm, rotateKeysSeconds: HOUR })
    const text = await token()
    expect(JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({ alg: algorithm })
    const { active } = await world.authority.service.rotateKeys('access', { now: true })
    expect(await signerNow()).toBe(active)
    const set = await keySetOf(world)
    expect(set.keys.map(({ alg }) => alg)).toEqual(set.keys.map(() => algorithm))
    await world.authority.service.revoke({ kind: 'key', kid: active ?? '' })
    expect(await signerNow()).not.toBe(active)
  })
})
