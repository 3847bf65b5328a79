import { inspect } from 'node:util'
import { calculateJwkThumbprint } from 'jose'
import { describe, expect, test } from 'vitest'
import {
  createLocalKeys,
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  publicJwk,
  signJws,
  verifyJws,
} from '@cardea/token'
import { thumbprintOf } from '../../src/key/json-web-key.ts'
import { attacker, es256, eddsa, outcome, rs256, signers } from '../fixture.ts'

describe('generate', () => {
  test.each(signers)('$algorithm: the default name is the RFC 7638 thumbprint', async ({ algorithm }) => {
    const key = await generateSigningKey(algorithm)
    expect(key.kid).toBe(await calculateJwkThumbprint(key.publicKey))
  })
  test('the thumbprint of the example of RFC 7638 section 3.1', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
    expect(thumbprintOf({ kty: 'RSA', n, e: 'AQAB' })).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
  })
  test('an impossible name is refused', async () => {
    expect(await outcome(() => generateSigningKey('ES256', { kid: '' }))).toBe('ERR_TOKEN_KEY_ID')
    expect(await outcome(() => generateSigningKey('ES256', { kid: 'a\nb' }))).toBe('ERR_TOKEN_KEY_ID')
  })
})

describe('export and import', () => {
  test.each(signers)('$algorithm: what comes back signs the same', async (key) => {
    const again = importSigningKey(JSON.parse(JSON.stringify(exportSigningKey(key))))
    const keys = createLocalKeys({ keys: [publicJwk(key)] })
    const options = { keys, algorithms: [key.algorithm], type: 'x' }
    expect((await verifyJws(await signJws({}, again, { type: 'x' }), options)).keyId).toBe(key.kid)
    expect(publicJwk(again)).toEqual(publicJwk(key))
  })
  test('the public half holds nothing private', () => {
    for (const key of signers) {
      expect(
        Object.keys(publicJwk(key)).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(name)),
      ).toEqual([])
    }
  })
  test('a key does not print its secret', () => {
    for (const key of signers) {
      const { d } = exportSigningKey(key)
      for (const text of [inspect(key, { depth: 9 }), JSON.stringify(key)]) expect(text).not.toContain(d)
    }
  })
  test.each([
    ['no private part', { ...exportSigningKey(es256), d: undefined }, 'ERR_TOKEN_KEY_FORM'],
    ['no name', { ...exportSigningKey(es256), kid: undefined }, 'ERR_TOKEN_KEY_ID'],
    ['no algorithm', { ...exportSigningKey(es256), alg: undefined }, 'ERR_TOKEN_KEY_UNSUPPORTED'],
    ['HS256', { kty: 'oct', k: 'AA', d: 'AA', kid: 'h', alg: 'HS256' }, 'ERR_TOKEN_KEY_UNSUPPORTED'],
    ['the algorithm of another type', { ...exportSigningKey(es256), alg: 'RS256' }, 'ERR_TOKEN_KEY_UNSUPPORTED'],
    [
      'the private part of another key',
      { ...exportSigningKey(es256), d: exportSigningKey(attacker).d },
      'ERR_TOKEN_KEY_FORM',
    ],
    ['nonsense', { ...exportSigningKey(eddsa), d: '!' }, 'ERR_TOKEN_KEY_FORM'],
    ['an RSA key without its primes', { ...exportSigningKey(rs256), p: undefined, q: undefined }, 'ERR_TOKEN_KEY_FORM'],
  ])('refused: %s', async (_, jwk, code) => {
    const fromFile = JSON.parse(JSON.stringify(jwk))
    expect(await outcome(() => importSigningKey(fromFile))).toBe(code)
  })
})
