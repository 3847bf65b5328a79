// Groups 6, 16 and 17 of the threats: what a key set may not hold.

import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createLocalKeys, exportSigningKey, type JsonWebKey, publicJwk } from '@cardea/token'
import { attacker, es256, eddsa, outcome, ps256, rs256, signers } from '../fixture.ts'

const es = publicJwk(es256)
const rsa = publicJwk(rs256)
const ed = publicJwk(eddsa)

/** Keys of all kinds that Node can make, as a set would hold them. */
function made(type: 'rsa' | 'ec', options: object): JsonWebKey {
  const { publicKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048, ...options })
      : generateKeyPairSync('ec', { namedCurve: 'P-256', ...options })
  return { kid: 'made', ...publicKey.export({ format: 'jwk' }), kty: type === 'rsa' ? 'RSA' : 'EC' }
}

const REFUSED: readonly (readonly [name: string, keys: unknown, code: string])[] = [
  ['no set', undefined, 'ERR_TOKEN_KEY_SET'],
  ['keys that are no array', { 0: es }, 'ERR_TOKEN_KEY_SET'],
  ['101 keys', Array.from({ length: 101 }, (_, i) => ({ ...es, kid: `k${i}` })), 'ERR_TOKEN_KEY_SET'],
  ['two keys of one name', [es, { ...ed, kid: es.kid }], 'ERR_TOKEN_KEY_DUPLICATE'],
  ['the same key twice', [es, es], 'ERR_TOKEN_KEY_DUPLICATE'],
  ['a symmetric key', [{ kty: 'oct', k: 'c2VjcmV0', kid: 'h', alg: 'HS256' }], 'ERR_TOKEN_KEY_SYMMETRIC'],
  ['a symmetric key beside a good one', [es, { kty: 'oct', k: 'c2VjcmV0', kid: 'h' }], 'ERR_TOKEN_KEY_SYMMETRIC'],
  ['`k` in an asymmetric key', [{ ...es, k: 'AA' }], 'ERR_TOKEN_KEY_SYMMETRIC'],
  ...signers.map(
    (key) => [`the private members of ${key.algorithm}`, [exportSigningKey(key)], 'ERR_TOKEN_KEY_PRIVATE'] as const,
  ),
  ['`qi` alone', [{ ...rsa, qi: 'AA' }], 'ERR_TOKEN_KEY_PRIVATE'],
  ['use enc', [{ ...es, use: 'enc' }], 'ERR_TOKEN_KEY_USE'],
  ['key_ops encrypt', [{ ...es, use: undefined, key_ops: ['encrypt'] }], 'ERR_TOKEN_KEY_USE'],
  ['key_ops sign', [{ ...es, use: undefined, key_ops: ['sign', 'verify'] }], 'ERR_TOKEN_KEY_USE'],
  ['key_ops empty', [{ ...es, key_ops: [] }], 'ERR_TOKEN_KEY_USE'],
  ['key_ops as text', [{ ...es, key_ops: 'verify' }], 'ERR_TOKEN_KEY_USE'],
  ['no kid', [{ ...es, kid: undefined }], 'ERR_TOKEN_KEY_ID'],
  ['an empty kid', [{ ...es, kid: '' }], 'ERR_TOKEN_KEY_ID'],
  ['a kid with NUL', [{ ...es, kid: 'a\0' }], 'ERR_TOKEN_KEY_ID'],
  ['RSA of 1024 bits', [made('rsa', { modulusLength: 1024 })], 'ERR_TOKEN_KEY_WEAK'],
  ['RSA of 512 bits', [made('rsa', { modulusLength: 512 })], 'ERR_TOKEN_KEY_WEAK'],
  ['RSA with e = 3', [made('rsa', { publicExponent: 3 })], 'ERR_TOKEN_KEY_WEAK'],
  ['RSA with e = 1', [{ ...rsa, e: 'AQ' }], 'ERR_TOKEN_KEY_WEAK'],
  ['RSA with an even e', [{ ...rsa, e: 'AQAC' }], 'ERR_TOKEN_KEY_WEAK'],
  ['RSA of 16 384 bits', [{ ...rsa, n: Buffer.alloc(2048, 0xff).toString('base64url') }], 'ERR_TOKEN_KEY_WEAK'],
  ['RSA with a leading zero', [{ ...rsa, e: 'AAEAAQ' }], 'ERR_TOKEN_KEY_FORM'],
  ['P-384', [made('ec', { namedCurve: 'P-384' })], 'ERR_TOKEN_KEY_UNSUPPORTED'],
  ['secp256k1', [made('ec', { namedCurve: 'secp256k1' })], 'ERR_TOKEN_KEY_UNSUPPORTED'],
  ['X25519', [{ ...ed, crv: 'X25519' }], 'ERR_TOKEN_KEY_UNSUPPORTED'],
  ['RS512', [{ ...rsa, alg: 'RS512' }], 'ERR_TOKEN_KEY_UNSUPPORTED'],
  ['an alg of another key type', [{ ...es, alg: 'RS256' }], 'ERR_TOKEN_KEY_UNSUPPORTED'],
  ['an unknown type', [{ kty: 'AKP', kid: 'x', alg: 'ML-DSA-44', pub: 'AA' }], 'ERR_TOKEN_KEY_UNSUPPORTED'],
  ['a point that is not on the curve', [{ ...es, y: es['x'] }], 'ERR_TOKEN_KEY_FORM'],
  ['a point at zero', [{ ...es, x: 'A'.repeat(43), y: 'A'.repeat(43) }], 'ERR_TOKEN_KEY_FORM'],
  ['a coordinate with padding', [{ ...es, x: `${es['x']}=` }], 'ERR_TOKEN_KEY_FORM'],
  ['a coordinate cut short', [{ ...es, x: es['x']?.slice(0, 40) }], 'ERR_TOKEN_KEY_FORM'],
  ['a coordinate missing', [{ ...es, y: undefined }], 'ERR_TOKEN_KEY_FORM'],
  ['an Ed25519 key of 31 bytes', [{ ...ed, x: Buffer.alloc(31, 1).toString('base64url') }], 'ERR_TOKEN_KEY_FORM'],
  ['null', [null], 'ERR_TOKEN_KEY_FORM'],
  ['no type', [{ kid: 'x' }], 'ERR_TOKEN_KEY_FORM'],
]

describe('a set that is refused whole', () => {
  test.each(REFUSED)('%s', async (_, keys, code) => {
    // What came in as JSON has any shape.
    const set = JSON.parse(JSON.stringify({ keys }))
    expect(await outcome(() => createLocalKeys(set))).toBe(code)
  })
})

describe('a set that is taken', () => {
  test('each key is bound to one algorithm', () => {
    const keys = createLocalKeys({ keys: signers.map(publicJwk) })
    expect(signers.map(({ kid }) => keys.key(kid)?.algorithm)).toEqual(['ES256', 'RS256', 'PS256', 'EdDSA'])
  })
  test('a key without `alg` has the natural one of its type; for RSA that is RS256 and never PS256', () => {
    const bare: JsonWebKey[] = JSON.parse(
      JSON.stringify([es, publicJwk(ps256), ed].map((jwk) => ({ ...jwk, alg: undefined }))),
    )
    const keys = createLocalKeys({ keys: bare })
    expect(bare.map(({ kid = '' }) => keys.key(kid)?.algorithm)).toEqual(['ES256', 'RS256', 'EdDSA'])
  })
  test('names of the object prototype find nothing', () => {
    const keys = createLocalKeys({ keys: [es] })
    expect(['__proto__', 'constructor', 'toString', ''].map((kid) => keys.key(kid))).toEqual(Array(4).fill(undefined))
  })
  test('the empty set is a set', () => {
    expect(createLocalKeys({ keys: [] }).key('es-1')).toBeUndefined()
  })
})

describe('replace', () => {
  test('keeps the objects of keys that stay, and moves the generation only if something changed', () => {
    const keys = createLocalKeys({ keys: [es] })
    const before = keys.key('es-1')
    const { generation } = keys
    keys.replace({ keys: [{ ...es }] })
    expect([keys.generation, keys.key('es-1') === before]).toEqual([generation, true])
    keys.replace({ keys: [es, ed] })
    expect(keys.generation).toBeGreaterThan(generation)
    expect(keys.key('es-1')).toBe(before)
  })
  test('a bad set changes nothing', async () => {
    const keys = createLocalKeys({ keys: [es] })
    const { generation } = keys
    expect(await outcome(() => keys.replace({ keys: [ed, { ...exportSigningKey(attacker) }] }))).toBe(
      'ERR_TOKEN_KEY_PRIVATE',
    )
    expect([keys.generation, keys.key('es-1')?.kid, keys.key('ed-1')]).toEqual([generation, 'es-1', undefined])
  })
})
