// Nonces at the token endpoint, RFC 9449 section 8: with the library that makes proofs, and by hand.

import * as dpop from 'dpop'
import { afterEach, describe, expect, test } from 'vitest'
import { bodyOf, createWorld, ISSUER, type World, type WorldOptions } from '../fixture.ts'

const KEY = Buffer.alloc(32, 7).toString('base64')
const OTHER = Buffer.alloc(32, 8).toString('base64')

const worlds: World[] = []
afterEach(async () => {
  for (const { authority } of worlds.splice(0)) await authority.close()
})

/** The client library has the system's clock. */
async function create(options: WorldOptions = {}): Promise<World> {
  const clock = { seconds: Math.floor(Date.now() / 1000) }
  const world = await createWorld({ dpopNonceSeconds: 30, key: KEY, clock, ...options })
  worlds.push(world)
  return world
}

const pair = await dpop.generateKeyPair('ES256')
const nonceOf = (response: Response): string => response.headers.get('dpop-nonce') ?? ''

async function exchange(world: World, nonce?: string): Promise<Response> {
  const proof = await dpop.generateProof(pair, `${ISSUER}/token`, 'POST', nonce)
  return world.exchange(
    { subject_token: await world.provider.idToken({ nonce: crypto.randomUUID() }) },
    { dpop: proof },
  )
}

async function expectAsked(response: Response): Promise<void> {
  expect(response.status).toBe(400)
  expect(nonceOf(response)).not.toBe('')
  expect(await bodyOf(response)).toMatchObject({ error: 'use_dpop_nonce', code: 'ERR_AUTHORITY_DPOP_NONCE' })
}

describe('a proof', () => {
  test('without a nonce is asked for one, and with it is taken', async () => {
    const world = await create()
    const asked = await exchange(world)
    await expectAsked(asked.clone())
    const taken = await exchange(world, nonceOf(asked))
    expect(taken.status).toBe(200)
    // with the answer comes the next
    expect((await exchange(world, nonceOf(taken))).status).toBe(200)
  })

  test('with a nonce that is too old, from the future, changed or made up is asked for another', async () => {
    const world = await create()
    const nonce = nonceOf(await exchange(world))
    world.clock.seconds += 29
    expect((await exchange(world, nonce)).status).toBe(200)
    world.clock.seconds += 1
    await expectAsked(await exchange(world, nonce))
    world.clock.seconds -= 31
    await expectAsked(await exchange(world, nonce))
    world.clock.seconds += 1
    const flipped = `${nonce.startsWith('A') ? 'B' : 'A'}${nonce.slice(1)}`
    for (const other of [flipped, 'none', nonce.slice(0, -1), `${nonce}A`])
      await expectAsked(await exchange(world, other))
  })

  test('is refused for what else is wrong with it, and told no more', async () => {
    const world = await create()
    const nonce = nonceOf(await exchange(world))
    const elsewhere = await dpop.generateProof(pair, `${ISSUER}/revoke`, 'POST', nonce)
    const response = await world.exchange({}, { dpop: elsewhere })
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_dpop_proof', code: 'ERR_AUTHORITY_DPOP' })
    const twice = await dpop.generateProof(pair, `${ISSUER}/token`, 'POST', nonce)
    expect((await world.exchange({}, { dpop: twice })).status).toBe(200)
    expect(await bodyOf(await world.exchange({}, { dpop: twice }))).toMatchObject({ code: 'ERR_AUTHORITY_DPOP' })
  })

  test('that is not asked for is not needed', async () => {
    const world = await create()
    expect((await world.exchange()).status).toBe(200)
    const none = await create({ dpopNonceSeconds: 0 })
    const response = await exchange(none)
    expect(response.status).toBe(200)
    expect(response.headers.has('dpop-nonce')).toBe(false)
  })
})

describe('a nonce of another authority', () => {
  test('with the same encryption key counts, also while the key is changed', async () => {
    const one = await create()
    const [same, moving, stranger] = [
      await create(),
      await create({ key: OTHER, previousKeys: [KEY] }),
      await create({ key: OTHER }),
    ]
    const nonce = nonceOf(await exchange(one))
    expect((await exchange(same, nonce)).status).toBe(200)
    expect((await exchange(moving, nonce)).status).toBe(200)
    await expectAsked(await exchange(stranger, nonce))
  })
})
