import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { issueToken, publicJwk } from '@cardea/token'
import type { KeySource } from '@cardea/token'
import { CLAIMS, es256, forge, NOW, outcome, signers, verifierAt } from '../fixture.ts'

const tokens = await Promise.all(signers.map(async (key) => [key.algorithm, await issueToken(CLAIMS, key)] as const))

describe('verify', () => {
  test.each(tokens)('%s: a token that was issued here', async (algorithm, token) => {
    const { header, claims, keyId } = await verifierAt().verify(token)
    expect({ ...claims }).toEqual(CLAIMS)
    expect(header).toEqual({ alg: algorithm, kid: keyId, typ: 'at+jwt' })
  })
  test('claims are frozen all the way down, without prototype', async () => {
    const { claims } = await verifierAt().verify(forge({ payload: { roles: [{ name: 'viewer' }] } }))
    const all: unknown[] = [claims]
    for (const item of all) if (typeof item === 'object' && item !== null) all.push(...Object.values(item))
    expect(all.every(Object.isFrozen)).toBe(true)
    expect(Object.getPrototypeOf(claims)).toBeNull()
  })
  test('an algorithm that is not configured is refused though the key is there', async () => {
    const verifier = verifierAt({ algorithms: ['ES256'] })
    expect(await outcome(() => verifier.verify(tokens[1]?.[1] ?? ''))).toBe('ERR_TOKEN_ALGORITHM')
  })
  test('a token in an identity provider’s own format needs no `jti` and no `client_id`', async () => {
    const token = forge({ header: { typ: 'JWT' }, payload: { jti: undefined, client_id: undefined } })
    expect(await outcome(() => verifierAt({ type: 'JWT' }).verify(token))).toBe('accepted')
  })
  test.each(['iss', 'sub', 'aud', 'exp', 'iat', 'client_id', 'jti'])(
    '`%s` is required in an `at+jwt`',
    async (name) => {
      const error: unknown = await verifierAt()
        .verify(forge({ payload: { [name]: undefined } }))
        .catch((thrown) => thrown)
      expect(error).toMatchObject({ code: 'ERR_TOKEN_CLAIM_MISSING', member: name })
    },
  )
  test.each([
    ['tenant', 7],
    ['sid', ''],
    ['acr', 1],
    ['amr', 'pwd'],
    ['amr', ['pwd', 1]],
    ['auth_time', '1'],
    ['auth_time', 1.5],
    ['scope', ['a']],
    ['epoch', 1],
    ['seq', -1],
    ['seq', '1'],
    ['plan', {}],
    ['net', '10.0.0.0/8'],
    ['act', 'agent'],
    ['narrowed', false],
    ['narrowed', 'true'],
    ['derived_from', 'token'],
    ['derived_from', [{ iss: 'a', jti: 'b', kid: 'c' }]],
    ['derived_from', Array.from({ length: 9 }, () => ({ iss: 'a', jti: 'b', kid: 'c', client_id: 'd' }))],
    ['act', {}],
    ['cnf', 'key'],
  ])('`%s` of the wrong form is refused by its name: %j', async (name, value) => {
    const error: unknown = await verifierAt()
      .verify(forge({ payload: { [name]: value } }))
      .catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_TOKEN_CLAIM', member: name })
  })
  test.each([
    ['empty', {}],
    ['a key in full', { jwk: publicJwk(es256) }],
    ['a key id', { kid: 'x' }],
    ['a thumbprint and something else', { jkt: 'A'.repeat(43), other: 1 }],
    ['a thumbprint that is none', { jkt: 'short' }],
  ])('a confirmation that is not understood is refused, not ignored: %s', async (_, cnf) => {
    expect(await outcome(() => verifierAt().verify(forge({ payload: { cnf } })))).toBe('ERR_TOKEN_CONFIRMATION')
  })
  test('any flipped bit is refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...tokens),
        fc.nat(),
        fc.integer({ min: 0, max: 7 }),
        async ([, token], at, bit) => {
          const bytes = Buffer.from(token)
          bytes.writeUInt8(bytes.readUInt8(at % bytes.length) ^ (1 << bit), at % bytes.length)
          expect(await outcome(() => verifierAt().verify(bytes.toString('latin1')))).toMatch(/^ERR_TOKEN_/)
        },
      ),
      { numRuns: 2000 },
    )
  })
  test('any text is refused with a code of ours', async () => {
    const verifier = verifierAt()
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('a', '.', 'A', '=', '\n') })),
        async (text) => {
          expect(await outcome(() => verifier.verify(text))).toMatch(/^ERR_TOKEN_/)
        },
      ),
    )
  })
  test('whatever a key source throws, the answer is a refusal', async () => {
    const throwing: KeySource = { generation: 1, key: () => Promise.reject(new RangeError('database is down')) }
    expect(await outcome(() => verifierAt({ keys: throwing }).verify(forge()))).toBe('ERR_TOKEN_KEYS_UNAVAILABLE')
  })
  test('a clock that is broken refuses', async () => {
    expect(await outcome(() => verifierAt({ now: () => Number.NaN }).verify(forge()))).toBe('ERR_TOKEN_EXPIRED')
  })
  test('the tolerance counts once, and not for the future beyond its own length', async () => {
    const at = (clockToleranceSeconds: number, payload: object) =>
      outcome(() => verifierAt({ clockToleranceSeconds }).verify(forge({ payload: { ...payload } })))
    expect(await at(30, { iat: NOW - 60, exp: NOW - 29 })).toBe('accepted')
    expect(await at(30, { iat: NOW - 60, exp: NOW - 30 })).toBe('ERR_TOKEN_EXPIRED')
    expect(await at(30, { iat: NOW + 30 })).toBe('accepted')
    expect(await at(30, { iat: NOW + 31 })).toBe('ERR_TOKEN_ISSUED_AHEAD')
  })
})
