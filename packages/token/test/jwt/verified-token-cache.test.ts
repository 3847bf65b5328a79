// The cache saves a signature check and must never save anything else. Whether it was used is counted by asking the key source.

import { describe, expect, test } from 'vitest'
import { createLocalKeys, createVerifier, generateSigningKey, issueToken, publicJwk } from '@cardea/token'
import type { KeySource, Verifier } from '@cardea/token'
import { type CacheEntry, createTokenCache } from '../../src/jwt/token-cache.ts'
import { AUDIENCE, CLAIMS, es256, forge, ISSUER, NOW, outcome } from '../fixture.ts'

interface Counted {
  readonly keys: KeySource
  readonly lookups: () => number
}

function counting(source: KeySource): Counted {
  let lookups = 0
  const keys: KeySource = {
    get generation() {
      return source.generation
    },
    key(kid, algorithm) {
      lookups += 1
      return source.key(kid, algorithm)
    },
  }
  return { keys, lookups: () => lookups }
}

function verifier(keys: KeySource, now: () => number = () => NOW, cacheSize = 100): Verifier {
  return createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now, cacheSize })
}

/** Entries of one true token under any text. */
async function entryMaker(): Promise<(text: string) => CacheEntry> {
  const keys = createLocalKeys(set)
  const token = await verifier(keys).verify(forge())
  const key = keys.key(es256.kid)
  if (key === undefined) throw new Error('the set holds the key')
  return (text) => ({ text, token, key, generation: keys.generation })
}

const other = await generateSigningKey('ES256', { kid: 'other' })
const set = { keys: [publicJwk(es256)] }

describe('a remembered token', () => {
  test('is the same object, and asks for no key', async () => {
    const { keys, lookups } = counting(createLocalKeys(set))
    const v = verifier(keys)
    const token = forge()
    const first = await v.verify(token)
    expect(await v.verify(token)).toBe(first)
    // A request's string is never the same object.
    expect(await v.verify(Buffer.from(token).toString())).toBe(first)
    expect(lookups()).toBe(1)
  })
  test('expires at its second', async () => {
    let now = NOW
    const v = verifier(createLocalKeys(set), () => now)
    const token = forge({ payload: { exp: NOW + 60 } })
    expect(await outcome(() => v.verify(token))).toBe('accepted')
    now = NOW + 59.999
    expect(await outcome(() => v.verify(token))).toBe('accepted')
    now = NOW + 60
    expect(await outcome(() => v.verify(token))).toBe('ERR_TOKEN_EXPIRED')
    expect(await outcome(() => v.verify(token))).toBe('ERR_TOKEN_EXPIRED')
  })
  test('is refused when the clock goes back before it was issued', async () => {
    let now = NOW
    const v = verifier(createLocalKeys(set), () => now)
    const token = forge()
    await v.verify(token)
    now = NOW - 3600
    expect(await outcome(() => v.verify(token))).toBe('ERR_TOKEN_ISSUED_AHEAD')
  })
  test('is refused as soon as its key has left the set', async () => {
    const keys = createLocalKeys(set)
    const v = verifier(keys)
    const token = forge()
    await v.verify(token)
    keys.replace({ keys: [publicJwk(other)] })
    expect(await outcome(() => v.verify(token))).toBe('ERR_TOKEN_KEY_UNKNOWN')
  })
  test('is refused when another key takes the name of its key', async () => {
    const keys = createLocalKeys(set)
    const v = verifier(keys)
    const token = forge()
    await v.verify(token)
    keys.replace({ keys: [{ ...publicJwk(other), kid: es256.kid }] })
    expect(await outcome(() => v.verify(token))).toBe('ERR_TOKEN_SIGNATURE')
  })
  test('outlives a rotation that keeps its key', async () => {
    const local = createLocalKeys(set)
    const { keys, lookups } = counting(local)
    const v = verifier(keys)
    const token = forge()
    const first = await v.verify(token)
    local.replace({ keys: [publicJwk(es256), publicJwk(other)] })
    expect(await v.verify(token)).toBe(first)
    expect(await v.verify(token)).toBe(first)
    expect(lookups()).toBe(2)
  })
  test('was looked up in a set that changed meanwhile: it is looked at again', async () => {
    const local = createLocalKeys(set)
    const gate = Promise.withResolvers<void>()
    const slow: KeySource = {
      get generation() {
        return local.generation
      },
      async key(kid) {
        const key = local.key(kid)
        await gate.promise
        return key
      },
    }
    const v = verifier(slow)
    const token = forge()
    const pending = v.verify(token)
    local.replace({ keys: [publicJwk(other)] })
    gate.resolve()
    await pending
    expect(await outcome(() => v.verify(token))).toBe('ERR_TOKEN_KEY_UNKNOWN')
  })
  test('belongs to one verifier: another audience does not find it', async () => {
    const keys = createLocalKeys(set)
    const token = forge()
    await verifier(keys).verify(token)
    const elsewhere = createVerifier({ issuer: ISSUER, audience: 'https://other.example', keys, now: () => NOW })
    expect(await outcome(() => elsewhere.verify(token))).toBe('ERR_TOKEN_AUDIENCE')
  })
})

describe('what shares the slot of a good token', () => {
  test('a token with the same last 24 characters and other claims is verified for itself', async () => {
    const v = verifier(createLocalKeys(set))
    const token = forge()
    await v.verify(token)
    const [head = '', , signature = ''] = token.split('.')
    const [, forged = ''] = forge({ payload: { sub: 'root' } }).split('.')
    const twin = `${head}.${forged}.${signature}`
    expect(twin.slice(-24)).toBe(token.slice(-24))
    expect(await outcome(() => v.verify(twin))).toBe('ERR_TOKEN_SIGNATURE')
    expect(await outcome(() => v.verify(token))).toBe('accepted')
  })
  test('a refused token is never remembered, so it cannot lock out a good one', async () => {
    const keys = createLocalKeys({ keys: [publicJwk(other)] })
    const v = verifier(keys)
    const token = forge()
    expect(await outcome(() => v.verify(token))).toBe('ERR_TOKEN_KEY_UNKNOWN')
    keys.replace(set)
    expect(await outcome(() => v.verify(token))).toBe('accepted')
  })
})

describe('the slots', () => {
  test('give nothing to another text with the same end, young or old', async () => {
    const cache = createTokenCache(4)
    const entry = await entryMaker()
    const end = 'the same 24 characters..'
    cache.set(entry(`one ${end}`))
    expect(cache.get(`two ${end}`)).toBeUndefined()
    // Two more push the first into the elder half.
    cache.set(entry('b'))
    cache.set(entry('c'))
    expect(cache.get(`two ${end}`)).toBeUndefined()
    expect(cache.get(`one ${end}`)?.text).toBe(`one ${end}`)
  })
})

describe('the bound', () => {
  test('holds whatever comes, and what is used stays', async () => {
    const cache = createTokenCache(10)
    const entry = await entryMaker()
    cache.set(entry('used'))
    for (let i = 0; i < 1000; i += 1) {
      cache.set(entry(`token ${i}`))
      expect(cache.get('used')?.text).toBe('used')
      expect(cache.size).toBeLessThanOrEqual(10)
    }
    expect(cache.get('token 0')).toBeUndefined()
    expect(cache.get('token 999')?.text).toBe('token 999')
  })
  test('0 remembers nothing', async () => {
    const { keys, lookups } = counting(createLocalKeys(set))
    const v = verifier(keys, () => NOW, 0)
    const token = forge()
    await v.verify(token)
    await v.verify(token)
    expect(lookups()).toBe(2)
  })
  test('300 tokens through a cache of 100 are all told apart', async () => {
    const v = verifier(createLocalKeys(set))
    const issued = await Promise.all(
      Array.from({ length: 300 }, (_, i) => issueToken({ ...CLAIMS, sub: `user-${i}` }, es256)),
    )
    for (const round of [0, 1]) {
      for (const [i, token] of issued.entries())
        expect([round, (await v.verify(token)).claims.sub]).toEqual([round, `user-${i}`])
    }
  })
})
