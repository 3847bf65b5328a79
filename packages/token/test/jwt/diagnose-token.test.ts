// A diagnosis names everything, not only the first thing. That it agrees with the verifier is asked of every threat (../threats).

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLocalKeys, diagnoseToken, publicJwk } from '@cardea/token'
import type { DiagnoseOptions } from '@cardea/token'
import {
  attacker,
  AUDIENCE,
  CLAIMS,
  es256,
  forge,
  ISSUER,
  NOW,
  outcome,
  signers,
  signWith,
  verifierAt,
} from '../fixture.ts'

const KEYS = createLocalKeys({ keys: signers.map(publicJwk) })
const ALL: DiagnoseOptions = { issuer: ISSUER, audience: AUDIENCE, keys: KEYS, now: () => NOW }

const codes = async (token: string, options: DiagnoseOptions = ALL): Promise<readonly string[]> =>
  (await diagnoseToken(token, options)).problems.map(({ code }) => code)

describe('diagnose', () => {
  test('a good token has no problem and a verified signature', async () => {
    expect(await diagnoseToken(forge(), ALL)).toEqual({ problems: [], signature: 'verified' })
  })
  test('everything that is wrong is named, in the order of the checks', async () => {
    const token = forge({
      header: { typ: 'JWT' },
      payload: { iss: `${ISSUER}/`, aud: 'https://other.example', iat: NOW - 90_000, exp: NOW - 10, jti: undefined },
      signer: signWith(attacker),
    })
    expect(await codes(token)).toEqual(['ERR_TOKEN_TYPE', 'ERR_TOKEN_SIGNATURE', 'ERR_TOKEN_CLAIM_MISSING'])
    expect(await codes(token, { ...ALL, type: 'JWT' })).toEqual([
      'ERR_TOKEN_SIGNATURE',
      'ERR_TOKEN_ISSUER',
      'ERR_TOKEN_AUDIENCE',
      'ERR_TOKEN_LIFETIME',
      'ERR_TOKEN_EXPIRED',
    ])
  })
  test('what is not said is not checked', async () => {
    const token = forge({ payload: { iss: 'https://other.example', aud: 'https://other.example' } })
    expect(await diagnoseToken(token, { now: () => NOW })).toEqual({ problems: [], signature: 'unchecked' })
    expect(await codes(token, { audience: AUDIENCE, now: () => NOW })).toEqual(['ERR_TOKEN_AUDIENCE'])
  })
  test.each([
    ['no token', '', ['ERR_TOKEN_TEXT']],
    ['one part', 'abc', ['ERR_TOKEN_PARTS']],
    ['beyond every limit', 'a'.repeat(70_000), ['ERR_TOKEN_SIZE']],
    ['beyond the limit of a guard', forge({ payload: { note: 'x'.repeat(9000) } }), ['ERR_TOKEN_SIZE']],
    ['an unknown key', forge({ header: { kid: 'other' } }), ['ERR_TOKEN_KEY_UNKNOWN']],
    ['no key', forge({ header: { kid: undefined } }), ['ERR_TOKEN_KID']],
  ])('%s', async (_name, token, expected) => {
    expect(await codes(token)).toEqual(expected)
  })
  test('another issuer and another audience are on the error, for the log', async () => {
    const token = forge({ payload: { iss: `${ISSUER}/`, aud: ['https://a.example', 'https://b.example'] } })
    const [issuer, audience] = (await diagnoseToken(token, ALL)).problems
    expect(issuer).toMatchObject({ expected: ISSUER, found: `${ISSUER}/`, hint: expect.stringContaining('slash') })
    expect(audience).toMatchObject({ expected: AUDIENCE, found: 'https://a.example https://b.example' })
    expect([issuer?.message, issuer?.hint, audience?.message, audience?.hint].join()).not.toContain('https://')
  })
  test.each([
    ['iat', { iat: NOW + 42, exp: NOW + 300 }, 'ERR_TOKEN_ISSUED_AHEAD'],
    ['nbf', { nbf: NOW + 42 }, 'ERR_TOKEN_NOT_YET'],
  ])('a clock that differs is measured from `%s`', async (_name, payload, code) => {
    const [problem] = (await diagnoseToken(forge({ payload }), ALL)).problems
    expect(problem).toMatchObject({ code, skewSeconds: 42, hint: expect.stringContaining('42 s ahead') })
  })
  test('it is empty exactly when the verifier accepts', async () => {
    const value = fc.constantFrom<unknown>(
      undefined,
      NOW,
      NOW - 1,
      NOW + 11,
      NOW + 100_000,
      ISSUER,
      AUDIENCE,
      [AUDIENCE],
      '',
      {},
    )
    const name = fc.constantFrom('iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti', 'cnf', 'act', 'plan')
    const verifier = verifierAt()
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, value), fc.constantFrom(es256, attacker), async (payload, signer) => {
        const token = forge({ payload: { ...CLAIMS, ...payload }, signer: signWith(signer) })
        const accepted = (await outcome(() => verifier.verify(token))) === 'accepted'
        expect((await codes(token)).length === 0).toBe(accepted)
      }),
      { numRuns: 300 },
    )
  })
})
