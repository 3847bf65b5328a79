// The judge of chaos runs must be able to say no: each history with an allow that was right, and the same allow a moment too late.

import { describe, expect, test } from 'vitest'
import { Model, type TokenHistory } from './chaos/model.ts'

const BOUND = 3000
const token = (changes: Partial<TokenHistory> = {}): TokenHistory => ({
  text: '',
  user: 'ann',
  sid: 's',
  kid: 'k',
  expiresSeconds: 1000,
  signedIn: 8000,
  asked: 10_000,
  got: 10_100,
  ...changes,
})
const check = (began: number, of = token()) => ({ token: of, document: 'd', began, ended: began + 5 })

function granted(taken?: { began: number; acked?: number }): Model {
  const model = new Model(BOUND)
  model.grants.push({
    user: 'ann',
    document: 'd',
    granted: { began: 9000, acked: 9100 },
    ...(taken === undefined ? {} : { taken }),
  })
  return model
}

describe('an allow', () => {
  test('needs a grant, of this user and document, from before the token', () => {
    expect(granted().wrongAllow(check(11_000))).toBeUndefined()
    expect(new Model(BOUND).wrongAllow(check(11_000))?.text).toMatch(/not been granted/)
    expect(granted().wrongAllow({ ...check(11_000), document: 'other' })?.text).toMatch(/not been granted/)
    expect(granted().wrongAllow(check(11_000, token({ user: 'bob' })))?.text).toMatch(/not been granted/)
    expect(granted().wrongAllow(check(11_000, token({ asked: 8000, got: 8100 })))?.text).toMatch(/not been granted/)
  })

  test('may go by a grant that was taken back until the bound, and not beyond', () => {
    const model = granted({ began: 11_000, acked: 11_100 })
    expect(model.wrongAllow(check(11_100 + BOUND - 1))).toBeUndefined()
    expect(model.wrongAllow(check(11_100 + BOUND))?.text).toMatch(/taken back/)
    // nobody said that it was done
    expect(granted({ began: 11_000 }).wrongAllow(check(99_000))).toBeUndefined()
  })

  test('may not go by a grant that was taken back before the token was asked for', () => {
    const model = granted({ began: 9500, acked: 9600 })
    expect(model.wrongAllow(check(10_200))?.text).toMatch(/taken back/)
  })

  test.each([
    ['session', 's'],
    ['principal', 'ann'],
    ['key', 'k'],
  ] as const)('ends with the bound after a revocation of the %s', (kind, value) => {
    const model = granted()
    model.revocations.push({ key: { kind, value }, asked: { began: 11_000, acked: 11_100 } })
    expect(model.wrongAllow(check(11_100 + BOUND - 1))).toBeUndefined()
    expect(model.wrongAllow(check(11_100 + BOUND))).toEqual({ kind: 'withdrawn', text: `the ${kind} had been revoked` })
  })

  test('of a token from after the revocation of its principal is right', () => {
    const model = granted()
    model.revocations.push({ key: { kind: 'principal', value: 'ann' }, asked: { began: 9200, acked: 9300 } })
    expect(model.wrongAllow(check(20_000))).toBeUndefined()
  })

  test('ends with the token', () => {
    expect(granted().wrongAllow(check(1_000_999))).toBeUndefined()
    expect(granted().wrongAllow(check(1_001_000))?.text).toMatch(/expired/)
  })

  test('ends with a published forbid, until somebody begins to lift it', () => {
    const model = granted()
    model.freezes.push({ document: 'd', frozen: true, asked: { began: 11_000, acked: 11_100 } })
    expect(model.wrongAllow(check(11_100 + BOUND - 1))).toBeUndefined()
    expect(model.wrongAllow(check(11_100 + BOUND))?.text).toMatch(/policy/)
    model.freezes.push({ document: 'd', frozen: false, asked: { began: 20_000 } })
    expect(model.wrongAllow(check(20_001))).toBeUndefined()
  })
})

test('a token of a session that was revoked before it was asked for is wrong', () => {
  const model = granted()
  model.revocations.push({ key: { kind: 'session', value: 's' }, asked: { began: 9000, acked: 9900 } })
  expect(model.wrongToken(token())).toMatch(/session/)
  expect(model.wrongToken(token({ asked: 9800 }))).toBeUndefined()
})

test('a token of a sign-in whose person was revoked after it is wrong, of one from after it right', () => {
  const model = granted()
  model.revocations.push({ key: { kind: 'principal', value: 'ann' }, asked: { began: 9000, acked: 9900 } })
  expect(model.wrongToken(token())).toMatch(/principal/)
  expect(model.wrongToken(token({ signedIn: 9950 }))).toBeUndefined()
  expect(model.wrongToken(token({ user: 'bob' }))).toBeUndefined()
})

test('a sign-in may have ended by any revocation that was not done before it was asked for', () => {
  const revoked = (kind: 'session' | 'principal', value: string, asked: { began: number; acked?: number }): Model => {
    const model = granted()
    model.revocations.push({ key: { kind, value }, asked })
    return model
  }
  const signIn = { sid: 's', user: 'ann', asked: 10_000 }
  expect(granted().mayHaveEnded(signIn)).toBe(false)
  expect(revoked('session', 's', { began: 11_000 }).mayHaveEnded(signIn)).toBe(true)
  expect(revoked('session', 'other', { began: 11_000 }).mayHaveEnded(signIn)).toBe(false)
  expect(revoked('principal', 'ann', { began: 9000, acked: 9900 }).mayHaveEnded(signIn)).toBe(false)
  expect(revoked('principal', 'ann', { began: 9000, acked: 10_001 }).mayHaveEnded(signIn)).toBe(true)
  // nobody said that it was done, and it may come yet
  expect(revoked('principal', 'ann', { began: 9000 }).mayHaveEnded(signIn)).toBe(true)
  expect(revoked('principal', 'bob', { began: 11_000 }).mayHaveEnded(signIn)).toBe(false)
})
