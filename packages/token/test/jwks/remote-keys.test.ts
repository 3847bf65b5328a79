// Groups 42, 44 and 45 of the threats, as far as they are a verifier's: a key set at an address.

import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createRemoteKeys, publicJwk, type RemoteKeysOptions, type TokenError } from '@cardea/token'
import { es256, eddsa, forge, NOW, outcome, rs256, verifierAt } from '../fixture.ts'

const URL_OF_KEYS = 'https://issuer.example/jwks'
const ours = [publicJwk(es256)]

/** A key set at an address, a clock to turn, and what was asked of it. */
function remote(options: Partial<RemoteKeysOptions> = {}) {
  const state = { now: NOW, fetches: 0, failures: [] as string[], answer: async () => Response.json({ keys: ours }) }
  const keys = createRemoteKeys({
    url: URL_OF_KEYS,
    now: () => state.now,
    fetch: () => {
      state.fetches += 1
      return state.answer()
    },
    onFailure: ({ code }: TokenError) => state.failures.push(code),
    cooldownSeconds: 30,
    maxAgeSeconds: 300,
    maxStaleSeconds: 3600,
    ...options,
  })
  return { state, keys }
}

async function kidOf(keys: ReturnType<typeof createRemoteKeys>, kid: string): Promise<string | undefined> {
  return (await keys.key(kid, 'ES256'))?.kid
}

describe('fetching', () => {
  test('when first needed, and then not again', async () => {
    const { state, keys } = remote()
    expect(state.fetches).toBe(0)
    expect(await kidOf(keys, 'es-1')).toBe('es-1')
    expect(await kidOf(keys, 'es-1')).toBe('es-1')
    expect(state.fetches).toBe(1)
  })
  test('once for any number of callers', async () => {
    const { state, keys } = remote()
    const answers = await Promise.all(Array.from({ length: 50 }, () => kidOf(keys, 'es-1')))
    expect(new Set(answers)).toEqual(new Set(['es-1']))
    expect(state.fetches).toBe(1)
  })
  test('a flood of unknown names: one fetch in a cool-down, whatever the names', async () => {
    const { state, keys } = remote()
    await kidOf(keys, 'es-1')
    for (let i = 0; i < 1000; i += 1) expect(await kidOf(keys, `unknown-${i}`)).toBeUndefined()
    expect(state.fetches).toBe(1)
    state.now += 30
    for (let i = 0; i < 1000; i += 1) await kidOf(keys, `unknown-${i}`)
    expect(state.fetches).toBe(2)
  })
  test('a new key is found at the first use after the cool-down, also if its name was guessed before', async () => {
    const { state, keys } = remote()
    await kidOf(keys, 'es-1')
    state.now += 30
    expect(await kidOf(keys, 'ed-1')).toBeUndefined()
    state.answer = async () => Response.json({ keys: [...ours, publicJwk(eddsa)] })
    state.now += 30
    expect(await kidOf(keys, 'ed-1')).toBe('ed-1')
  })
  test('a removed key is gone after the greatest age, though every request finds its token remembered', async () => {
    const { state, keys } = remote()
    const verifier = verifierAt({ keys, now: () => state.now })
    const token = forge({ payload: { exp: NOW + 3600 } })
    expect(await outcome(() => verifier.verify(token))).toBe('accepted')
    state.answer = async () => Response.json({ keys: [publicJwk(eddsa)] })
    state.now += 299
    expect(await outcome(() => verifier.verify(token))).toBe('accepted')
    expect(state.fetches).toBe(1)
    state.now += 1
    expect(await outcome(() => verifier.verify(token))).toBe('ERR_TOKEN_KEY_UNKNOWN')
  })
  test('the same set again changes neither keys nor generation', async () => {
    const { state, keys } = remote()
    const before = await keys.key('es-1', 'ES256')
    const { generation } = keys
    state.now += 300
    expect(await keys.key('es-1', 'ES256')).toBe(before)
    expect([state.fetches, keys.generation]).toEqual([2, generation])
  })
})

describe('an answer that cannot be used', () => {
  const endless = (chunk: Uint8Array) => new ReadableStream({ pull: (controller) => controller.enqueue(chunk) })
  test.each<readonly [name: string, answer: () => Promise<Response>, code: string]>([
    ['500', async () => new Response('', { status: 500 }), 'ERR_TOKEN_KEYS_FETCH'],
    ['204', async () => new Response(null, { status: 204 }), 'ERR_TOKEN_KEYS_FETCH'],
    [
      'a redirect that was not followed',
      async () => Response.redirect('http://169.254.169.254/', 302),
      'ERR_TOKEN_KEYS_FETCH',
    ],
    ['the network is down', async () => Promise.reject(new TypeError('fetch failed')), 'ERR_TOKEN_KEYS_FETCH'],
    ['it never ends', async () => new Response(endless(new Uint8Array(65_536))), 'ERR_TOKEN_KEYS_FETCH'],
    ['it never comes', () => new Promise(() => {}), 'ERR_TOKEN_KEYS_FETCH'],
    ['HTML', async () => new Response('<html>'), 'ERR_TOKEN_JSON'],
    ['no key set', async () => Response.json({ jwks: [] }), 'ERR_TOKEN_KEY_SET'],
    ['an array', async () => Response.json([]), 'ERR_TOKEN_KEY_SET'],
    ['`keys` twice', async () => new Response('{"keys":[],"keys":[]}'), 'ERR_TOKEN_JSON_DUPLICATE'],
    [
      'a symmetric key in it',
      async () => Response.json({ keys: [...ours, { kty: 'oct', kid: 'h', k: 'AA' }] }),
      'ERR_TOKEN_KEY_SYMMETRIC',
    ],
    ['a private key in it', async () => Response.json({ keys: [{ ...ours[0], d: 'AA' }] }), 'ERR_TOKEN_KEY_PRIVATE'],
    ['one name twice', async () => Response.json({ keys: [ours[0], ours[0]] }), 'ERR_TOKEN_KEY_DUPLICATE'],
  ])('%s', async (_, answer, code) => {
    const { state, keys } = remote({ timeoutMilliseconds: 50 })
    state.answer = answer
    expect(await outcome(() => keys.key('es-1', 'ES256'))).toBe('ERR_TOKEN_KEYS_UNAVAILABLE')
    expect(state.failures).toEqual([code])
    // No hammering: the next caller is refused at once.
    expect(await outcome(() => keys.key('es-1', 'ES256'))).toBe('ERR_TOKEN_KEYS_UNAVAILABLE')
    expect(state.fetches).toBe(1)
  })
  test('the last good set serves while fetching fails, until it is too old', async () => {
    const { state, keys } = remote()
    const verifier = verifierAt({ keys, now: () => state.now, maxLifetimeSeconds: 86_400 })
    const token = forge({ payload: { exp: NOW + 80_000 } })
    await verifier.verify(token)
    state.answer = async () => Response.json({}, { status: 503 })
    state.now = NOW + 301
    expect(await outcome(() => verifier.verify(token))).toBe('accepted')
    expect(state.failures).toEqual(['ERR_TOKEN_KEYS_FETCH'])
    state.now = NOW + 3899
    expect(await outcome(() => verifier.verify(token))).toBe('accepted')
    state.now = NOW + 3900
    expect(await outcome(() => verifier.verify(token))).toBe('ERR_TOKEN_KEYS_UNAVAILABLE')
    state.answer = async () => Response.json({ keys: ours })
    state.now += 30
    expect(await outcome(() => verifier.verify(token))).toBe('accepted')
  })
  test('a clock that was set back trusts no set of the future', async () => {
    const { state, keys } = remote()
    await kidOf(keys, 'es-1')
    state.answer = async () => Response.json({}, { status: 503 })
    state.now = NOW - 1
    expect(await outcome(() => keys.key('es-1', 'ES256'))).toBe('ERR_TOKEN_KEYS_UNAVAILABLE')
  })
  test('keys that are merely not for us are skipped', async () => {
    const { state, keys } = remote()
    const { kid: _, ...nameless } = publicJwk(rs256)
    const foreign = [
      { ...publicJwk(rs256), kid: 'enc', use: 'enc', alg: 'RSA-OAEP' },
      { kty: 'AKP', kid: 'pq', alg: 'ML-DSA-44', pub: 'AA' },
      { ...publicJwk(rs256), kid: 'rs512', alg: 'RS512' },
      { ...publicJwk(rs256), kid: 'weak', e: 'Aw' },
      { ...publicJwk(es256), kid: 'broken', x: '!' },
      null,
      nameless,
    ]
    state.answer = async () => Response.json({ keys: [...foreign, ...ours] })
    expect(await kidOf(keys, 'es-1')).toBe('es-1')
    expect(await Promise.all(['enc', 'pq', 'rs512', 'weak', 'broken'].map((kid) => kidOf(keys, kid)))).toEqual(
      Array(5).fill(undefined),
    )
  })
})

describe('the address', () => {
  test.each([
    ['http://issuer.example/jwks', 'ERR_TOKEN_KEYS_URL'],
    ['https://user@issuer.example/jwks', 'ERR_TOKEN_KEYS_URL'],
    ['https://issuer.example/jwks#a', 'ERR_TOKEN_KEYS_URL'],
    ['http://127.0.0.1.example/jwks', 'ERR_TOKEN_KEYS_URL'],
    ['http://localhost.example/jwks', 'ERR_TOKEN_KEYS_URL'],
    ['http://169.254.169.254/jwks', 'ERR_TOKEN_KEYS_URL'],
    ['http://10.0.0.1/jwks', 'ERR_TOKEN_KEYS_URL'],
    ['http://[::ffff:127.0.0.1]/jwks', 'ERR_TOKEN_KEYS_URL'],
    ['http://0.0.0.0/jwks', 'ERR_TOKEN_KEYS_URL'],
    ['file:///etc/jwks', 'ERR_TOKEN_KEYS_URL'],
    ['data:application/json,{}', 'ERR_TOKEN_KEYS_URL'],
    ['/jwks', 'ERR_TOKEN_KEYS_URL'],
    ['', 'ERR_TOKEN_KEYS_URL'],
    ['https://issuer.example/jwks', 'accepted'],
    ['http://127.0.0.1:8080/jwks', 'accepted'],
    ['http://localhost:8080/jwks', 'accepted'],
    ['http://[::1]:8080/jwks', 'accepted'],
    // The URL parser reads this as 127.0.0.1, and so will fetch.
    ['http://2130706433/jwks', 'accepted'],
  ])('%s: %s', async (url, expected) => {
    expect(await outcome(() => createRemoteKeys({ url }))).toBe(expected)
  })
})

describe('over a real socket', () => {
  test('a set is fetched, and a redirect is not followed', async () => {
    const asked: (string | undefined)[] = []
    await withServer(
      (request, response) => {
        asked.push(request.url)
        if (request.url === '/away') response.writeHead(302, { location: '/jwks' }).end()
        else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: ours }))
      },
      async (origin) => {
        expect(await kidOf(createRemoteKeys({ url: `${origin}/jwks` }), 'es-1')).toBe('es-1')
        const away = createRemoteKeys({ url: `${origin}/away` })
        expect(await outcome(() => away.key('es-1', 'ES256'))).toBe('ERR_TOKEN_KEYS_UNAVAILABLE')
      },
    )
    expect(asked).toEqual(['/jwks', '/away'])
  })
})

async function withServer(listener: RequestListener, run: (origin: string) => Promise<void>): Promise<void> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  try {
    const address: AddressInfo | string | null = server.address()
    if (address === null || typeof address === 'string') throw new Error('the server listens on a port')
    await run(`http://127.0.0.1:${address.port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
