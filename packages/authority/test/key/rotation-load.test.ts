// Rotations under load, over sockets: exchanges, a guard that follows the feed, and a stock verifier behind a cache that heeds what we
// send with the key set. Nobody is restarted and nothing fails. Only the wall clock is moved.

import { createGuard, type Guard } from '@cardea/guard'
import { createLocalKeys } from '@cardea/token'
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DISTRIBUTION_SECONDS, KEY_SET_MAX_AGE_SECONDS } from '../../src/key/key-times.ts'
import { bodyOf, createWorld, DOCS, NOW, SCHEMA_OBJECT, SECRETS, type World } from '../fixture.ts'

const PORT = 18_341
const ISSUER = `http://127.0.0.1:${PORT}`

let world: World
let guard: Guard<typeof SCHEMA_OBJECT>
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1000 })
  const clock = {
    get seconds(): number {
      return Math.floor(Date.now() / 1000)
    },
    set seconds(seconds: number) {
      vi.setSystemTime(seconds * 1000)
    },
  }
  world = await createWorld({ issuer: ISSUER, clock, rotateKeysSeconds: 0 })
  await world.authority.listen({ port: PORT })
  guard = await createGuard({
    schema: SCHEMA_OBJECT,
    authority: ISSUER,
    audience: DOCS,
    client: { id: 'docs', secret: SECRETS.docs },
    bundleKeys: createLocalKeys(world.authority.bundleKeys()),
    development: false,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  })
})
afterEach(async () => {
  await guard.close()
  await world.authority.close()
  vi.useRealTimers()
})

/** A cache on the way: it serves what it has for as long as the answer said. */
function behindCache(): typeof fetch {
  let kept: { readonly text: string; readonly untilMilliseconds: number } | undefined
  return async (input, init) => {
    if (kept === undefined || Date.now() >= kept.untilMilliseconds) {
      const response = await fetch(input, init)
      const maxAge = Number(/max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1])
      kept = { text: await response.text(), untilMilliseconds: Date.now() + maxAge * 1000 }
    }
    return new Response(kept.text, { headers: { 'content-type': 'application/json' } })
  }
}

const stockKeys = (): ReturnType<typeof createRemoteJWKSet> =>
  createRemoteJWKSet(new URL(`${ISSUER}/jwks`), { [customFetch]: behindCache() })

let signIns = 0
async function exchange(): Promise<string> {
  signIns += 1
  const response = await fetch(`${ISSUER}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`web-server:${encodeURIComponent(SECRETS['web-server'])}`).toString('base64')}`,
    },
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: await world.provider.idToken({ nonce: String(signIns) }),
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      audience: DOCS,
    }),
  })
  expect(response.status).toBe(200)
  return String((await bodyOf(response))['access_token'])
}

async function use(token: string, keys: JWTVerifyGetKey): Promise<void> {
  await jwtVerify(token, keys, { issuer: ISSUER, audience: DOCS, typ: 'at+jwt' })
  await guard.authenticate({ method: 'GET', url: '/d', headers: { authorization: `Bearer ${token}` } })
}

const kidOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString()).kid

async function fresh(): Promise<void> {
  const end = performance.now() + 10_000
  while ((guard.state().ageSeconds ?? Number.POSITIVE_INFINITY) > 20) {
    if (performance.now() > end) throw new Error('the guard hears nothing')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('rotations under load', () => {
  test('fail nobody: neither who asks, nor a guard, nor a stock verifier', async () => {
    const keys = stockKeys()
    const signers = new Set<string>()
    const failures: unknown[] = []
    let uses = 0
    const over = new AbortController()
    let issued: string[] = []
    const worker = async (): Promise<void> => {
      while (!over.signal.aborted) {
        try {
          const token = await exchange()
          issued.push(token)
          signers.add(kidOf(token))
          await use(token, keys)
          uses += 1
        } catch (error) {
          failures.push(error)
        }
      }
    }
    const workers = [worker(), worker(), worker()]
    // as early as it is allowed, four times; the tokens of one step are used in the next, shortly before they end
    for (let step = 0; step < 12; step += 1) {
      const before = issued
      issued = []
      world.clock.seconds += DISTRIBUTION_SECONDS / 3
      for (const token of before.slice(-5)) await use(token, keys).catch((error: unknown) => failures.push(error))
      if (step % 3 === 2) await world.authority.service.rotateKeys()
      await fresh()
    }
    over.abort()
    await Promise.all(workers)
    expect(failures).toEqual([])
    expect(signers.size).toBe(5)
    expect(uses).toBeGreaterThan(50)
  }, 60_000)

  test('would fail who has just fetched, if a key signed at once', async () => {
    const keys = stockKeys()
    await use(await exchange(), keys)
    await world.authority.service.rotateKeys('access', { now: true })
    // pending when the set was fetched
    await use(await exchange(), keys)
    await world.authority.service.rotateKeys('access', { now: true })
    const refused = jwtVerify(await exchange(), keys, { issuer: ISSUER, audience: DOCS })
    await expect(refused).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' })
  })

  test('wait for longer than a cache on the way and a stock verifier together keep a key set', async () => {
    const keys = stockKeys()
    await keys.reload()
    let keptSeconds = 0
    while (keys.fresh) {
      keptSeconds += 1
      vi.setSystemTime((NOW + keptSeconds) * 1000)
    }
    expect(keptSeconds).toBeGreaterThan(60)
    expect(DISTRIBUTION_SECONDS).toBeGreaterThan(KEY_SET_MAX_AGE_SECONDS + keptSeconds)
  })
})
