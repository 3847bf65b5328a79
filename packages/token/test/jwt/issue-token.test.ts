import { describe, expect, test } from 'vitest'
import { decodeToken, isVerifiedToken, issueToken } from '@cardea/token'
import type { TokenClaims, VerifiedToken } from '@cardea/token'
import { CLAIMS, es256, forge, outcome, part, signers, verifierAt } from '../fixture.ts'

describe('issue', () => {
  test.each(signers)('$algorithm: what is issued verifies', async (key) => {
    expect(await outcome(async () => verifierAt().verify(await issueToken(CLAIMS, key)))).toBe('accepted')
  })
  test('the header says what it is and nothing more', async () => {
    const { unverifiedHeader } = decodeToken(await issueToken(CLAIMS, es256))
    expect({ ...unverifiedHeader }).toEqual({ alg: 'ES256', kid: 'es-1', typ: 'at+jwt' })
  })
  test('members that are undefined are left out', async () => {
    const token = await issueToken({ ...CLAIMS, extra: undefined }, es256)
    expect(Object.keys(decodeToken(token).unverifiedClaims)).toEqual(Object.keys(CLAIMS))
  })
  test.each([
    ['no subject', { ...CLAIMS, sub: '' }],
    ['a fraction of a second', { ...CLAIMS, exp: CLAIMS.exp + 0.5 }],
    ['an end that is NaN', { ...CLAIMS, exp: Number.NaN }],
    ['an end before its beginning', { ...CLAIMS, exp: CLAIMS.iat }],
    ['an unknown binding', { ...CLAIMS, cnf: {} }],
    ['half a character', { ...CLAIMS, note: '\uD800' }],
    ['a number that is too big', { ...CLAIMS, count: 2 ** 53 }],
    ['an own `__proto__`', { ...CLAIMS, nested: JSON.parse('{"__proto__":1}') }],
  ])('claims that no verifier would take are a TypeError: %s', async (_, claims) => {
    await expect(issueToken(claims, es256)).rejects.toThrow(TypeError)
  })
  test('a key of another algorithm than it says signs nothing', async () => {
    const [rsa] = signers.filter(({ algorithm }) => algorithm === 'RS256')
    await expect(issueToken(CLAIMS, { ...es256, ...rsa, algorithm: 'ES256' })).rejects.toThrow()
    await expect(issueToken(CLAIMS, { ...es256, algorithm: 'RS256' })).rejects.toThrow()
  })
  test('an `at+jwt` needs `jti` and `client_id`; another kind does not', async () => {
    const { jti: _, client_id: __, ...claims } = CLAIMS
    await expect(issueToken(claims, es256)).rejects.toThrow(TypeError)
    expect(decodeToken(await issueToken(claims, es256, { type: 'txntoken+jwt' })).unverifiedHeader['typ']).toBe(
      'txntoken+jwt',
    )
  })
})

describe('decode', () => {
  test('reads what nobody has checked, and says so', () => {
    const token = `${part({ alg: 'none' })}.${part({ sub: 'root' })}.AA`
    expect(decodeToken(token)).toEqual({ unverifiedHeader: { alg: 'none' }, unverifiedClaims: { sub: 'root' } })
  })
  test.each([
    ['no token', 'x', 'ERR_TOKEN_PARTS'],
    ['claims that are no object', `${part({})}.${part('1')}.AA`, 'ERR_TOKEN_CLAIM'],
    ['a duplicate claim', `${part({})}.${part('{"a":1,"a":2}')}.AA`, 'ERR_TOKEN_JSON_DUPLICATE'],
  ])('refuses what is no signed token at all: %s', async (_, token, code) => {
    expect(await outcome(() => decodeToken(token))).toBe(code)
  })
  test('a verified token cannot be written down, only verified', () => {
    const { unverifiedClaims } = decodeToken(forge())
    // @ts-expect-error -- the brand is missing
    const written: VerifiedToken = { header: { alg: 'ES256', kid: 'es-1' }, claims: CLAIMS, keyId: 'es-1' }
    // @ts-expect-error -- unverified claims are no claims
    const claims: TokenClaims = unverifiedClaims
    expect([isVerifiedToken(written), isVerifiedToken(claims)]).toEqual([false, false])
  })
  test('what was decoded never passes for verified, nor does a copy of what was', async () => {
    const verified = await verifierAt().verify(forge())
    expect(isVerifiedToken(verified)).toBe(true)
    expect(isVerifiedToken({ ...verified })).toBe(false)
    expect(isVerifiedToken(decodeToken(forge()))).toBe(false)
    expect([undefined, null, 'token', 1].some(isVerifiedToken)).toBe(false)
  })
})
