// Groups 1 to 20 of the threats. 6 and 17 are about key sets and stand with them in ../jwks; the rest runs over one verifier.

import { describe, expect, test } from 'vitest'
import {
  ACCEPT_TOKENS_OF_ANY_KIND_WITHOUT_TYP,
  createLocalKeys,
  createVerifier,
  diagnoseToken,
  generateSigningKey,
  issueToken,
  publicJwk,
  TOKEN_ERRORS,
} from '@cardea/token'
import { AUDIENCE, es256, forge, ISSUER, NOW, outcome, signers, verifierAt } from '../fixture.ts'
import { CLAIM_THREATS } from './claims.ts'
import { ENVELOPE_THREATS, OTHER_TYPES } from './envelope.ts'
import { withText } from './threat.ts'

const SETTING = { issuer: ISSUER, audience: AUDIENCE, keys: createLocalKeys({ keys: signers.map(publicJwk) }) }
const JWT_THREATS = [...ENVELOPE_THREATS, ...CLAIM_THREATS]

describe('threats to JWT verification', () => {
  const verifier = verifierAt()
  test.each(JWT_THREATS)('$group $name: $expected', async ({ token, expected }) => {
    expect(await outcome(() => verifier.verify(token))).toBe(expected)
    // Once more, for a cache that remembers what it should not.
    expect(await outcome(() => verifier.verify(token))).toBe(expected)
  })
  test.each(JWT_THREATS)('$group $name: a diagnosis begins with $expected', async ({ token, expected }) => {
    const { problems } = await diagnoseToken(token, { ...SETTING, now: () => NOW })
    expect(problems[0]?.code ?? 'accepted').toBe(expected)
  })
  test('every group but 6 and 17 has cases, and every expectation is a code that exists', () => {
    const groups = new Set(JWT_THREATS.map(({ group }) => group))
    expect([...groups].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20])
    expect(JWT_THREATS.filter(({ expected }) => expected !== 'accepted' && !(expected in TOKEN_ERRORS))).toEqual([])
  })
  test('no error says anything of the token', async () => {
    for (const { token } of JWT_THREATS) {
      const error: unknown = await verifier.verify(token).catch((thrown: unknown) => thrown)
      if (!(error instanceof Error)) continue
      const text = JSON.stringify([error.message, 'hint' in error ? error.hint : '', error.stack?.split('\n')[0]])
      for (const secret of ['ann@4711', 'token-1', ISSUER, AUDIENCE, 'admin', 'evil'])
        expect(text).not.toContain(secret)
    }
  })
})

describe('8: a kind of token in the place of another', () => {
  test.each(OTHER_TYPES)('an access token as `%s`', async (type) => {
    expect(await outcome(() => verifierAt({ type }).verify(forge()))).toBe('ERR_TOKEN_TYPE')
    expect(await outcome(() => verifierAt({ type }).verify(forge({ header: { typ: type } })))).toBe('accepted')
  })
  test('a token without `typ` passes only where that was asked for by its ugly name', async () => {
    const untyped = forge({ header: { typ: undefined } })
    const lax = verifierAt({ type: ACCEPT_TOKENS_OF_ANY_KIND_WITHOUT_TYP })
    expect(await outcome(() => lax.verify(untyped))).toBe('accepted')
    expect(await outcome(() => lax.verify(forge()))).toBe('ERR_TOKEN_TYPE')
    expect(await outcome(() => verifierAt().verify(untyped))).toBe('ERR_TOKEN_TYPE')
  })
})

describe('4: nothing in a token is fetched', () => {
  test('with `fetch` as a trap for the whole table', async () => {
    const { fetch } = globalThis
    const calls: unknown[] = []
    globalThis.fetch = (input) => {
      calls.push(input)
      return Promise.reject(new Error('no fetch is expected'))
    }
    try {
      for (const { token } of JWT_THREATS) await outcome(() => verifierAt().verify(token))
    } finally {
      globalThis.fetch = fetch
    }
    expect(calls).toEqual([])
  })
})

describe('5, 6: one name under two issuers', () => {
  test('a key of another issuer with the same `kid` does not verify', async () => {
    const twin = await generateSigningKey('ES256', { kid: es256.kid })
    const other = verifierAt({ issuer: 'https://other.example', keys: createLocalKeys({ keys: [publicJwk(twin)] }) })
    expect(await outcome(() => other.verify(forge()))).toBe('ERR_TOKEN_SIGNATURE')
    const token = await issueToken(
      { iss: ISSUER, sub: 'ann', aud: AUDIENCE, client_id: 'web', jti: 'j', iat: NOW, exp: NOW + 9 },
      twin,
    )
    expect(await outcome(() => verifierAt().verify(token))).toBe('ERR_TOKEN_SIGNATURE')
  })
})

describe('10: spellings of one token', () => {
  test('the mirror signature is the same token to whoever asks for its identity, and another text to the cache', async () => {
    const verifier = verifierAt()
    const mirror = JWT_THREATS.find(({ name }) => name.startsWith('the mirror'))?.token ?? ''
    const first = await verifier.verify(mirror)
    const second = await verifier.verify(forge())
    expect([first.claims.iss, first.claims.jti]).toEqual([second.claims.iss, second.claims.jti])
    expect(first).not.toBe(second)
  })
})

describe('19: with a size limit that lets them in, huge tokens are still refused by number and depth', () => {
  const verifier = verifierAt({ maxTokenBytes: 20_000_000 })
  test.each([
    ['20 000 levels', withText(`"a":${'['.repeat(20_000)}`), 'ERR_TOKEN_JSON_DEPTH'],
    ['100 000 levels of objects', withText(`"a":${'{"a":'.repeat(100_000)}`), 'ERR_TOKEN_JSON_DEPTH'],
    [
      '100 000 members',
      withText(Array.from({ length: 100_000 }, (_, i) => `"m${i}":0`).join(',')),
      'ERR_TOKEN_JSON_SIZE',
    ],
    ['10^6 elements', withText(`"a":[${'0,'.repeat(999_999)}0]`), 'ERR_TOKEN_JSON_SIZE'],
    ['a string of 5 MB, which is only long', withText(`"a":"${'x'.repeat(5_000_000)}"`), 'accepted'],
  ])('%s', async (_, token, expected) => {
    expect(await outcome(() => verifier.verify(token))).toBe(expected)
  })
})

describe('20: two spellings of one name are two names', () => {
  test.each([
    ['NFC and NFD', 'Jos\u00e9', 'Jose\u0301'],
    ['full width', 'admin', '\uff41dmin'],
    ['Cyrillic', 'admin', '\u0430dmin'],
    ['Turkish i', 'admin', 'adm\u0131n'],
    ['zero-width joiner', 'admin', 'ad\u200dmin'],
    ['case', 'admin', 'Admin'],
  ])('%s', async (_, a, b) => {
    const verifier = verifierAt()
    const subjects = await Promise.all(
      [a, b].map(async (sub) => (await verifier.verify(forge({ payload: { sub } }))).claims.sub),
    )
    expect(subjects).toEqual([a, b])
    expect(a).not.toBe(b)
  })
})

describe('21 and other configurations that cannot be safe', () => {
  const keys = createLocalKeys({ keys: signers.map(publicJwk) })
  const base = { issuer: ISSUER, audience: AUDIENCE, keys }
  test.each([
    ['no algorithm', { algorithms: [] }],
    ['HS256', { algorithms: ['HS256'] }],
    ['none beside a good one', { algorithms: ['ES256', 'none'] }],
    ['no issuer', { issuer: '' }],
    ['no audience', { audience: '' }],
    ['an issuer that is undefined', { issuer: undefined }],
    ['an audience that is an array', { audience: [AUDIENCE] }],
    ['an empty type', { type: '' }],
    ['a lifetime that is NaN', { maxLifetimeSeconds: Number.NaN }],
    ['a lifetime that is infinite', { maxLifetimeSeconds: Number.POSITIVE_INFINITY }],
    ['a negative tolerance', { clockToleranceSeconds: -1 }],
    ['a size that is text', { maxTokenBytes: '8192' }],
  ])('%s', async (_, options) => {
    // @ts-expect-error -- what a configuration file could say and the types do not allow
    expect(await outcome(() => createVerifier({ ...base, ...options }))).toBe('ERR_TOKEN_CONFIGURATION')
  })
})
