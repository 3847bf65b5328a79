// What a key set at an address is good for.

import { generateSigningKey, publicJwk, reportKeySet } from '@cardea/token'
import { expect, test } from 'vitest'
import { outcome } from '../fixture.ts'

const key = publicJwk(await generateSigningKey('ES256', { kid: 'a' }))
const answering =
  (body: unknown, status = 200): typeof globalThis.fetch =>
  () =>
    Promise.resolve(Response.json(body, { status }))

test('counts what a verifier would use, and what it would pass over', async () => {
  const keys = [key, { kty: 'RSA', use: 'enc', kid: 'b' }, { kty: 'EC', crv: 'P-384', kid: 'c' }]
  expect(await reportKeySet('https://a.example/keys', { fetch: answering({ keys }) })).toEqual({
    keys: [{ kid: 'a', algorithm: 'ES256' }],
    unusable: 2,
  })
})

test.each([
  ['http://a.example/keys', {}, 200, 'ERR_TOKEN_KEYS_URL'],
  ['https://a.example/keys', {}, 500, 'ERR_TOKEN_KEYS_FETCH'],
  ['https://a.example/keys', {}, 200, 'ERR_TOKEN_KEY_SET'],
  ['https://a.example/keys', { keys: [{ kty: 'oct', k: 'AAAA', kid: 's' }] }, 200, 'ERR_TOKEN_KEY_SYMMETRIC'],
  ['https://a.example/keys', { keys: [key, key] }, 200, 'ERR_TOKEN_KEY_DUPLICATE'],
])('%s with %j and status %i: %s', async (url, body, status, code) => {
  expect(await outcome(() => reportKeySet(url, { fetch: answering(body, status) }))).toBe(code)
})
