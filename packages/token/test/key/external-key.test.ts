// A key whose private half is elsewhere: what it answers is a signature of it, or an error.

import { createExternalKey, createLocalKeys, publicJwk, signJws, verifyJws } from '@cardea/token'
import { describe, expect, test } from 'vitest'
import { thumbprintOf } from '../../src/key/json-web-key.ts'
import { es256, outcome, signers } from '../fixture.ts'

describe.each(signers)('$algorithm', (key) => {
  const jwk = publicJwk(key)

  test('signs as the key itself does', async () => {
    const external = createExternalKey(jwk, async (input) => key.sign(input))
    expect(publicJwk(external)).toEqual(jwk)
    const options = { keys: createLocalKeys({ keys: [jwk] }), algorithms: [key.algorithm], type: 'x' }
    expect((await verifyJws(await signJws({ a: 1 }, external, { type: 'x' }), options)).keyId).toBe(key.kid)
  })

  test('any flipped bit of what comes back is an error', async () => {
    const good = await key.sign(Buffer.from('input'))
    for (let bit = 0; bit < good.length * 8; bit += 7) {
      const flipped = Buffer.from(good)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const external = createExternalKey(jwk, () => Promise.resolve(flipped))
      expect(await outcome(async () => external.sign(Buffer.from('input')))).toBe('ERR_TOKEN_SIGNATURE')
    }
  })
})

test('without a name it has its thumbprint', () => {
  const { kid: _, ...members } = publicJwk(es256)
  expect(createExternalKey(members, () => Promise.reject(new Error('unused'))).kid).toBe(thumbprintOf(members))
})

test('what is no public key is refused', async () => {
  const refuse = (): Promise<Uint8Array> => Promise.reject(new Error('unused'))
  expect(await outcome(() => createExternalKey({ kty: 'oct', k: 'AAAA' }, refuse))).toBe('ERR_TOKEN_KEY_SYMMETRIC')
  expect(await outcome(() => createExternalKey({ ...publicJwk(es256), d: 'AAAA' }, refuse))).toBe(
    'ERR_TOKEN_KEY_PRIVATE',
  )
})
