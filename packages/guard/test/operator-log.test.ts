// One line that says what to do, once a minute, and never in the answer.

import { createRemoteKeys, TokenError } from '@cardea/token'
import { beforeEach, describe, expect, test } from 'vitest'
import { createGuard, DeniedError, type GuardLog, type StandaloneOptions } from '../src/index.ts'
import { causeText, createOperatorLog } from '../src/operator-log.ts'
import { POLICIES, schema } from './support/documents.ts'
import { ANN, AUDIENCE, ISSUER, JWKS, NOW, requestWith, thrownBy, tokenFor } from './support/world.ts'

type Line = Readonly<Record<string, unknown>>

let lines: Line[]
let now: number
beforeEach(() => {
  lines = []
  now = NOW
})

const log: GuardLog = {
  info: () => {},
  warn: (message, fields) => lines.push({ message, ...fields }),
  error: () => {},
}

async function refusedBy(token: string, options: Partial<StandaloneOptions<typeof schema>> = {}): Promise<DeniedError> {
  const guard = await createGuard({
    schema,
    policies: POLICIES,
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: JWKS,
    now: () => now,
    createId: () => 'correlation',
    log,
    ...options,
  })
  const error = await thrownBy(() => guard.authenticate(requestWith(token)))
  if (!(error instanceof DeniedError)) throw error
  return error
}

/** All that a caller can see. */
const shown = ({ problem, headers, message }: DeniedError): string => JSON.stringify([problem, headers, message])

describe('a refused request', () => {
  test('of another issuer: both values in the log, none in the answer', async () => {
    const error = await refusedBy(await tokenFor(ANN, { iss: `${ISSUER}/` }))
    expect(lines).toEqual([
      {
        message: 'a token of another issuer was refused',
        code: 'ERR_TOKEN_ISSUER',
        reason: 'invalid_token',
        expected: ISSUER,
        found: `${ISSUER}/`,
        hint: expect.stringContaining('slash'),
        correlation: error.correlation,
      },
    ])
    expect(shown(error)).not.toMatch(/issuer\.example|slash|ERR_TOKEN/)
  })
  test('for another audience: both values in the log, none in the answer', async () => {
    const error = await refusedBy(await tokenFor(ANN, { aud: ['https://a.example', 'https://b.example'] }))
    expect(lines).toMatchObject([
      { code: 'ERR_TOKEN_AUDIENCE', expected: AUDIENCE, found: 'https://a.example https://b.example' },
    ])
    expect(shown(error)).not.toMatch(/[ab]\.example/)
  })
  test.each([
    [{ iat: NOW + 42, exp: NOW + 300 }, 'ERR_TOKEN_ISSUED_AHEAD'],
    [{ nbf: NOW + 42 }, 'ERR_TOKEN_NOT_YET'],
  ])('by a clock that differs names the distance: %j', async (claims, code) => {
    const error = await refusedBy(await tokenFor(ANN, claims))
    expect(lines).toMatchObject([{ code, skewSeconds: 42, hint: expect.stringContaining('42 s ahead') }])
    expect(shown(error)).not.toContain('42')
  })
  test('without a key set says why it cannot be had', async () => {
    const fetch = (): Promise<Response> =>
      Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 192.0.2.1:443') }))
    const keys = createRemoteKeys({ url: 'https://issuer.example/keys', fetch, now: () => now })
    const error = await refusedBy(await tokenFor(ANN), { keys })
    expect(error.status).toBe(503)
    expect(lines).toMatchObject([
      { code: 'ERR_TOKEN_KEYS_UNAVAILABLE', reason: 'unavailable', cause: expect.stringContaining('ECONNREFUSED') },
    ])
    expect(shown(error)).not.toContain('ECONNREFUSED')
  })
  test('says when a key set could not be fetched, from where and why', async () => {
    await refusedBy(await tokenFor(ANN), {
      keys: { jwksUri: 'https://issuer.example/keys' },
      fetch: () => Promise.resolve(new Response('', { status: 502 })),
    })
    expect(lines[0]).toMatchObject({
      code: 'ERR_TOKEN_KEYS_FETCH',
      url: 'https://issuer.example/keys',
      cause: expect.stringContaining('502'),
      hint: expect.stringContaining('the last good set'),
    })
  })
  test('by its own doing is not the operator’s business', async () => {
    for (const token of ['none', await tokenFor(ANN, { iat: NOW - 500, exp: NOW - 100 })]) await refusedBy(token)
    expect(lines).toEqual([])
  })
})

describe('the log of an operator', () => {
  const issuer = new TokenError('ERR_TOKEN_ISSUER', undefined, { expected: 'a', found: 'b'.repeat(9000) })
  const operator = (ageSeconds = 1) => createOperatorLog({ log, now: () => now, ageSeconds: () => ageSeconds })

  test('says a fault that lasts once a minute, with how often it came', () => {
    const one = operator()
    for (let second = 0; second < 61; second += 1) {
      now = NOW + second
      one.refusal({ reason: 'invalid_token', correlation: String(second), cause: issuer })
    }
    expect(lines.map(({ correlation, notLogged }) => [correlation, notLogged])).toEqual([
      ['0', undefined],
      ['60', 59],
    ])
  })
  test('keeps kinds apart, and is not silenced by a clock that goes back', () => {
    const one = operator()
    one.refusal({ reason: 'stale', correlation: '1' })
    one.refusal({ reason: 'claims_outdated', correlation: '2' })
    now -= 1000
    one.refusal({ reason: 'stale', correlation: '3' })
    expect(lines.map(({ correlation }) => correlation)).toEqual(['1', '2', '3'])
  })
  test.each([
    [7.04, 7],
    [Number.POSITIVE_INFINITY, 'never whole'],
  ])('says how old the news are: %s', (ageSeconds, said) => {
    operator(ageSeconds).refusal({ reason: 'stale', correlation: 'c' })
    expect(lines).toMatchObject([{ reason: 'stale', ageSeconds: said, hint: expect.stringContaining('cardea doctor') }])
  })
  test('is bounded in what it takes from a token', () => {
    operator().refusal({ reason: 'invalid_token', correlation: 'c', cause: issuer })
    expect(String(lines[0]?.['found'])).toHaveLength(500)
  })
  test.each([
    ['an error behind an error', new Error('a', { cause: new Error('b') }), 'a: b'],
    ['one without words', Object.assign(new Error(''), { code: 'ECONNRESET' }), 'ECONNRESET'],
    ['no error', undefined, 'undefined'],
  ])('reads %s', (_name, error, text) => {
    expect(causeText(error)).toBe(text)
  })
  test('does not follow a circle of causes', () => {
    const error = new Error('a')
    error.cause = error
    expect(causeText(error)).toBe('a: a: a: a: a')
  })
})
