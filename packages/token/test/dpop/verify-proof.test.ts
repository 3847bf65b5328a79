// Groups 22 to 28 of the threats, as far as they are a verifier's. What is about headers (two of them, none) is the guard's.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { calculateJwkThumbprint } from 'jose'
import { describe, expect, test } from 'vitest'
import {
  createNonces,
  createReplayStore,
  exportSigningKey,
  generateSigningKey,
  type ReplayStore,
  type SignatureAlgorithm,
  signJws,
  verifyDpopProof,
} from '@cardea/token'
import { eddsa, forge, hmacWith, NOW, outcome, part, ps256, rs256, signWith } from '../fixture.ts'
import { ACCESS_TOKEN, ATH, bareJwk, checking, holder, proofOf, TARGET } from './fixture.ts'

const thumbprint = await calculateJwkThumbprint(bareJwk(holder))
const other = await generateSigningKey('ES256')

describe('a true proof', () => {
  test('gives the thumbprint of its key and its id', async () => {
    expect(await verifyDpopProof(checking(proofOf()))).toEqual({ thumbprint, jti: 'proof-1' })
  })
  test.each([eddsa, rs256, ps256])('by a key of $algorithm', async (key) => {
    const proof = proofOf({ header: { alg: key.algorithm, jwk: bareJwk(key) }, signer: signWith(key) })
    expect((await verifyDpopProof(checking(proof))).thumbprint).toBe(await calculateJwkThumbprint(bareJwk(key)))
  })
  test('needs no `ath` where no token is presented', async () => {
    const proof = proofOf({ payload: { ath: undefined } })
    const { accessToken: _, ...options } = checking(proof)
    expect(await outcome(() => verifyDpopProof(options))).toBe('accepted')
  })
})

describe('23: the proof itself', () => {
  test.each([
    [
      'HS256',
      proofOf({ header: { alg: 'HS256', jwk: { kty: 'oct', k: 'AA' } }, signer: hmacWith('\0') }),
      'ERR_TOKEN_ALGORITHM',
    ],
    ['none', proofOf({ header: { alg: 'none' } }), 'ERR_TOKEN_ALGORITHM'],
    ['a private jwk', proofOf({ header: { jwk: exportSigningKey(holder) } }), 'ERR_TOKEN_DPOP_KEY'],
    ['a symmetric jwk', proofOf({ header: { jwk: { kty: 'oct', k: 'AA' } } }), 'ERR_TOKEN_DPOP_KEY'],
    ['no jwk', proofOf({ header: { jwk: undefined } }), 'ERR_TOKEN_DPOP_KEY'],
    ['a jwk that is text', proofOf({ header: { jwk: JSON.stringify(bareJwk(holder)) } }), 'ERR_TOKEN_DPOP_KEY'],
    [
      'a weak jwk',
      proofOf({ header: { alg: 'RS256', jwk: { kty: 'RSA', e: 'Aw', n: 'AQAB' } } }),
      'ERR_TOKEN_DPOP_KEY',
    ],
    [
      'a jwk of another algorithm',
      proofOf({ header: { alg: 'ES256', jwk: { ...bareJwk(eddsa), alg: 'EdDSA' } } }),
      'ERR_TOKEN_KEY_ALGORITHM',
    ],
    ['the jwk of somebody else', proofOf({ header: { jwk: bareJwk(other) } }), 'ERR_TOKEN_SIGNATURE'],
    ['typ at+jwt', proofOf({ header: { typ: 'at+jwt' } }), 'ERR_TOKEN_TYPE'],
    ['typ JWT', proofOf({ header: { typ: 'JWT' } }), 'ERR_TOKEN_TYPE'],
    ['no typ', proofOf({ header: { typ: undefined } }), 'ERR_TOKEN_TYPE'],
    ['an access token', forge(), 'ERR_TOKEN_TYPE'],
    ['crit', proofOf({ header: { crit: ['jwk'] } }), 'ERR_TOKEN_CRITICAL'],
    ['no jti', proofOf({ payload: { jti: undefined } }), 'ERR_TOKEN_CLAIM_MISSING'],
    ['jti empty', proofOf({ payload: { jti: '' } }), 'ERR_TOKEN_CLAIM'],
    ['jti a number', proofOf({ payload: { jti: 1 } }), 'ERR_TOKEN_CLAIM'],
    ['jti of 257 characters', proofOf({ payload: { jti: 'j'.repeat(257) } }), 'ERR_TOKEN_CLAIM'],
    ['no iat', proofOf({ payload: { iat: undefined } }), 'ERR_TOKEN_CLAIM_MISSING'],
    ['iat with a fraction', proofOf({ payload: { iat: NOW - 0.5 } }), 'ERR_TOKEN_CLAIM'],
    ['iat text', proofOf({ payload: { iat: String(NOW) } }), 'ERR_TOKEN_CLAIM'],
    ['iat an hour ago', proofOf({ payload: { iat: NOW - 3600 } }), 'ERR_TOKEN_DPOP_AGE'],
    ['iat in an hour', proofOf({ payload: { iat: NOW + 3600 } }), 'ERR_TOKEN_DPOP_AGE'],
    ['iat 61 s ago', proofOf({ payload: { iat: NOW - 61 } }), 'ERR_TOKEN_DPOP_AGE'],
    ['iat 60 s ago', proofOf({ payload: { iat: NOW - 60 } }), 'accepted'],
    ['iat in 11 s', proofOf({ payload: { iat: NOW + 11 } }), 'ERR_TOKEN_DPOP_AGE'],
    ['iat in 10 s', proofOf({ payload: { iat: NOW + 10 } }), 'accepted'],
    ['a claim twice', proofOf({ payload: `{"jti":"a","jti":"b"}` }), 'ERR_TOKEN_JSON_DUPLICATE'],
    ['claims that are no object', proofOf({ payload: '[]' }), 'ERR_TOKEN_CLAIM'],
    ['5 kB', proofOf({ payload: { more: 'x'.repeat(5000) } }), 'ERR_TOKEN_SIZE'],
    ['two, joined by a comma', `${proofOf()}, ${proofOf()}`, 'ERR_TOKEN_PARTS'],
    ['nothing', '', 'ERR_TOKEN_TEXT'],
  ])('%s: %s', async (_, proof, expected) => {
    expect(await outcome(() => verifyDpopProof(checking(proof)))).toBe(expected)
  })
  test('an algorithm that the server does not take', async () => {
    const algorithms: SignatureAlgorithm[] = ['EdDSA']
    expect(await outcome(() => verifyDpopProof(checking(proofOf(), { algorithms })))).toBe('ERR_TOKEN_ALGORITHM')
  })
})

describe('24: method and address', () => {
  const htu = (value: unknown) => proofOf({ payload: { htu: value } })
  test.each([
    ['another method', proofOf({ payload: { htm: 'GET' } }), 'ERR_TOKEN_DPOP_METHOD'],
    ['the method in lower case', proofOf({ payload: { htm: 'post' } }), 'ERR_TOKEN_DPOP_METHOD'],
    ['no method', proofOf({ payload: { htm: undefined } }), 'ERR_TOKEN_CLAIM_MISSING'],
    ['no address', htu(undefined), 'ERR_TOKEN_CLAIM_MISSING'],
    ['an address that is an array', htu([TARGET]), 'ERR_TOKEN_DPOP_URL'],
    ['a query', htu(`${TARGET}?a=1`), 'accepted'],
    ['a fragment', htu(`${TARGET}#a`), 'accepted'],
    ['port 443', htu('https://api.example:443/documents/7'), 'accepted'],
    ['port 8443', htu('https://api.example:8443/documents/7'), 'ERR_TOKEN_DPOP_URL'],
    ['upper-case host', htu('https://API.example/documents/7'), 'accepted'],
    ['upper-case scheme', htu('HTTPS://api.example/documents/7'), 'accepted'],
    ['upper-case path', htu('https://api.example/Documents/7'), 'ERR_TOKEN_DPOP_URL'],
    ['an unreserved character encoded', htu('https://api.example/d%6fcuments/7'), 'accepted'],
    ['a reserved character encoded', htu('https://api.example/documents%2F7'), 'ERR_TOKEN_DPOP_URL'],
    ['trailing slash', htu(`${TARGET}/`), 'ERR_TOKEN_DPOP_URL'],
    ['http for https', htu('http://api.example/documents/7'), 'ERR_TOKEN_DPOP_URL'],
    ['another host', htu('https://evil.example/documents/7'), 'ERR_TOKEN_DPOP_URL'],
    ['a host that ends right', htu('https://xapi.example/documents/7'), 'ERR_TOKEN_DPOP_URL'],
    ['a user', htu('https://a@api.example/documents/7'), 'ERR_TOKEN_DPOP_URL'],
    ['dot segments, which normalization removes', htu('https://api.example/x/../documents/7'), 'accepted'],
    ['a double slash', htu('https://api.example//documents/7'), 'ERR_TOKEN_DPOP_URL'],
    ['a backslash', htu('https://api.example\\documents/7'), 'ERR_TOKEN_DPOP_URL'],
    ['a line break', htu('https://api.example/docu\nments/7'), 'ERR_TOKEN_DPOP_URL'],
    ['a relative address', htu('/documents/7'), 'ERR_TOKEN_DPOP_URL'],
    ['no address at all', htu('x'), 'ERR_TOKEN_DPOP_URL'],
  ])('%s: %s', async (_, proof, expected) => {
    expect(await outcome(() => verifyDpopProof(checking(proof)))).toBe(expected)
  })
  test.each([
    'https://api.example/documents/7?x=1',
    'https://api.example:443/documents/7',
    'https://api.example/%64ocuments/7',
  ])('the request may come as %s', async (url) => {
    expect(await outcome(() => verifyDpopProof(checking(proofOf(), { url })))).toBe('accepted')
  })
  test('an address of ours that is none refuses', async () => {
    expect(await outcome(() => verifyDpopProof(checking(proofOf(), { url: '/documents/7' })))).toBe(
      'ERR_TOKEN_INTERNAL',
    )
  })
})

describe('25: the access token', () => {
  test.each([
    ['missing', { ath: undefined }, 'ERR_TOKEN_DPOP_TOKEN'],
    ['of another token', { ath: 'A'.repeat(43) }, 'ERR_TOKEN_DPOP_TOKEN'],
    ['padded', { ath: `${ATH}=` }, 'ERR_TOKEN_DPOP_TOKEN'],
    ['an array', { ath: [ATH] }, 'ERR_TOKEN_DPOP_TOKEN'],
    ['right', { ath: ATH }, 'accepted'],
  ])('`ath` %s', async (_, payload, expected) => {
    expect(await outcome(() => verifyDpopProof(checking(proofOf({ payload }))))).toBe(expected)
  })
  test('swapped under a proof that was true for another', async () => {
    const options = checking(proofOf(), { accessToken: `${ACCESS_TOKEN}2` })
    expect(await outcome(() => verifyDpopProof(options))).toBe('ERR_TOKEN_DPOP_TOKEN')
  })
  test('by another key than the one that is expected', async () => {
    const proof = proofOf({ header: { jwk: bareJwk(other) }, signer: signWith(other) })
    const options = checking(proof, { expectedThumbprint: thumbprint })
    expect(await outcome(() => verifyDpopProof(options))).toBe('ERR_TOKEN_DPOP_THUMBPRINT')
    expect(await outcome(() => verifyDpopProof(checking(proofOf(), { expectedThumbprint: thumbprint })))).toBe(
      'accepted',
    )
  })
})

describe('26: once', () => {
  const replay = () => createReplayStore({ now: () => NOW, windowSeconds: 70, maxEntries: 100 })
  test('of 50 at a time one passes', async () => {
    const options = checking(proofOf(), { replay: replay() })
    const all = await Promise.all(Array.from({ length: 50 }, () => outcome(() => verifyDpopProof(options))))
    expect(all.filter((code) => code === 'accepted')).toHaveLength(1)
    expect(all.filter((code) => code === 'ERR_TOKEN_DPOP_REPLAY')).toHaveLength(49)
  })
  test('the same id by another key is another proof', async () => {
    const shared = replay()
    await verifyDpopProof(checking(proofOf(), { replay: shared }))
    const proof = proofOf({ header: { jwk: bareJwk(other) }, signer: signWith(other) })
    expect(await outcome(() => verifyDpopProof(checking(proof, { replay: shared })))).toBe('accepted')
  })
  test('the mirror signature is the same proof', async () => {
    const shared = replay()
    const [head = '', body = ''] = proofOf().split('.')
    const again = () => `${head}.${body}.${signWith(holder)(`${head}.${body}`).toString('base64url')}`
    await verifyDpopProof(checking(again(), { replay: shared }))
    expect(await outcome(() => verifyDpopProof(checking(again(), { replay: shared })))).toBe('ERR_TOKEN_DPOP_REPLAY')
  })
  test('a refused proof does not spend its id', async () => {
    const shared = replay()
    const proof = proofOf()
    expect(await outcome(() => verifyDpopProof(checking(proof, { replay: shared, method: 'GET' })))).toBe(
      'ERR_TOKEN_DPOP_METHOD',
    )
    expect(await outcome(() => verifyDpopProof(checking(proof, { replay: shared })))).toBe('accepted')
  })
  test('two nodes that share a store share what was spent', async () => {
    const spent = new Set<string>()
    const node = (): ReplayStore => ({ add: async (key) => !spent.has(key) && Boolean(spent.add(key)) })
    const proof = proofOf()
    expect(await outcome(() => verifyDpopProof(checking(proof, { replay: node() })))).toBe('accepted')
    expect(await outcome(() => verifyDpopProof(checking(proof, { replay: node() })))).toBe('ERR_TOKEN_DPOP_REPLAY')
  })
  test('a proof from before a restart is refused, because nobody knows whether it was spent', async () => {
    const proof = proofOf({ payload: { iat: NOW - 5 } })
    expect(await outcome(() => verifyDpopProof(checking(proof, { replay: replay() })))).toBe('ERR_TOKEN_DPOP_AGE')
  })
  test.each([
    ['rejects', () => Promise.reject(new Error('redis is down'))],
    [
      'throws',
      () => {
        throw new Error('redis is down')
      },
    ],
  ])('a store that %s refuses', async (_, add) => {
    expect(await outcome(() => verifyDpopProof(checking(proofOf(), { replay: { add } })))).toBe(
      'ERR_TOKEN_DPOP_REPLAY_UNAVAILABLE',
    )
  })
})

describe('27: nonces', () => {
  const at = (time: number, secret = 1) =>
    createNonces({ now: () => time, lifetimeSeconds: 120, secrets: [Buffer.alloc(32, secret)] })
  const nonces = at(NOW)
  test.each([
    ['missing', undefined, 'ERR_TOKEN_DPOP_NONCE_MISSING'],
    ['a number', 5, 'ERR_TOKEN_DPOP_NONCE'],
    ['empty', '', 'ERR_TOKEN_DPOP_NONCE'],
    ['made up', part('x'.repeat(22)), 'ERR_TOKEN_DPOP_NONCE'],
    ['stale', at(NOW - 120).issue(), 'ERR_TOKEN_DPOP_NONCE'],
    ['from the future', at(NOW + 1).issue(), 'ERR_TOKEN_DPOP_NONCE'],
    ['of another server', at(NOW, 2).issue(), 'ERR_TOKEN_DPOP_NONCE'],
    ['just about to end', at(NOW - 119).issue(), 'accepted'],
    ['fresh', nonces.issue(), 'accepted'],
  ])('%s', async (_, nonce, expected) => {
    expect(await outcome(() => verifyDpopProof(checking(proofOf({ payload: { nonce } }), { nonces })))).toBe(expected)
  })
})

describe('RFC 9449', () => {
  const file = new URL('../../../../conformance/jose/dpop-vectors.json', import.meta.url)
  const vectors: { token: string; payload: { iat: number; htu: string; htm: string } }[] = JSON.parse(
    readFileSync(file, 'utf8'),
  )
  const boundToken = vectors[2]?.token ?? ''
  const replay: ReplayStore = { add: () => true }
  test.each([0, 1, 3])('the proof in vector %i', async (index) => {
    const { token: proof = '', payload } = vectors[index] ?? {}
    const { iat = 0, htu: url = '', htm: method = '' } = payload ?? {}
    const token = index === 3 ? { accessToken: AT_OF_SECTION_7 } : {}
    const verified = await verifyDpopProof({ proof, method, url, replay, now: () => iat + 1, ...token })
    expect(verified.thumbprint).toBe('0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I')
  })
  test('the bound token is no proof', async () => {
    expect(await outcome(() => verifyDpopProof(checking(boundToken)))).toBe('ERR_TOKEN_TYPE')
  })
})

/** The opaque access token of sections 7.1 and 4.2, whose hash the last proof carries. */
const AT_OF_SECTION_7 = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'

test('any flipped bit of a proof is refused', async () => {
  const proof = await signJws({ jti: 'x', htm: 'POST', htu: TARGET, iat: NOW, ath: ATH }, holder, { type: 'dpop+jwt' })
  expect(await outcome(() => verifyDpopProof(checking(proof)))).toBe('ERR_TOKEN_DPOP_KEY')
  const good = Buffer.from(proofOf())
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
      const bytes = Buffer.from(good)
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at)
      expect(await outcome(() => verifyDpopProof(checking(bytes.toString('latin1'))))).toMatch(/^ERR_TOKEN_/)
    }),
    { numRuns: 500 },
  )
})
