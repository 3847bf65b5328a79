import { entityUid } from '@cardea/policy'
import { array, assert, constantFrom, integer, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createRevocations,
  readRevocation,
  type RevocableToken,
  type Revocation,
  type RevocationKey,
  type Revocations,
} from '../../src/index.ts'
import { codeOf, NOON } from '../fixture.ts'

const grant = {
  tenant: 't1',
  grantee: entityUid('User', 'a"b'),
  template: 'viewer',
  resource: entityUid('Document', 'plan'),
}
const KEYS: Record<RevocationKey['kind'], RevocationKey> = {
  token: { kind: 'token', iss: 'https://a', jti: 'j1' },
  session: { kind: 'session', sid: 's1' },
  principal: { kind: 'principal', tenant: 't1', sub: 'ann' },
  client: { kind: 'client', clientId: 'web' },
  tenant: { kind: 'tenant', tenant: 't1' },
  key: { kind: 'key', kid: 'k1' },
  grant: { kind: 'grant', tenant: 't1', grantee: 'User::"a\\"b"', template: 'viewer', resource: 'Document::"plan"' },
  all: { kind: 'all' },
}
const token: RevocableToken = {
  claims: {
    iss: 'https://a',
    sub: 'ann',
    iat: NOON,
    jti: 'j1',
    sid: 's1',
    client_id: 'web',
    tenant: 't1',
    epoch: 'e1',
    seq: 10,
  },
  keyId: 'k1',
}
const entry = (key: RevocationKey, seq: number, changes: Partial<Revocation> = {}): Revocation => ({
  key,
  at: { epoch: 'e1', seq },
  revokedAtSeconds: NOON,
  expiresAtSeconds: NOON + 300,
  ...changes,
})
const holding = (...entries: Revocation[]): Revocations => {
  const revocations = createRevocations({ now: () => NOON })
  for (const one of entries) revocations.add(one)
  return revocations
}
const claims = (changes: Partial<RevocableToken['claims']>): RevocableToken => ({
  ...token,
  claims: { ...token.claims, ...changes },
})
const { seq: _, epoch: __, ...withoutNumber } = token.claims
const foreign = (iat: number): RevocableToken => ({ ...token, claims: { ...withoutNumber, iat } })
const tokenKinds = Object.values(KEYS).filter(({ kind }) => kind !== 'grant')

describe('a revocation at r touches a token iff its number is below r', () => {
  test.each(tokenKinds.map((key) => [key.kind, key] as const))('%s', (_kind, key) => {
    expect(holding(entry(key, 11)).matchToken(token)?.key).toEqual(key)
    expect(holding(entry(key, 10)).matchToken(token)).toBeUndefined()
    expect(holding(entry(key, 9)).matchToken(token)).toBeUndefined()
  })

  test('one grant', () => {
    expect(holding(entry(KEYS.grant, 11)).matchGrant(token, grant)?.key).toEqual(KEYS.grant)
    expect(holding(entry(KEYS.grant, 10)).matchGrant(token, grant)).toBeUndefined()
    expect(holding(entry(KEYS.grant, 11)).matchToken(token)).toBeUndefined()
    expect(holding(entry(KEYS.grant, 11)).hasGrants).toBe(true)
    expect(holding(entry(KEYS.session, 11)).hasGrants).toBe(false)
  })

  test('whatever the clocks said', () => {
    const early = entry(KEYS.session, 11, { revokedAtSeconds: NOON - 3600 })
    expect(holding(early).matchToken(token)).toBeDefined()
    const late = entry(KEYS.session, 9, { revokedAtSeconds: NOON + 3600 })
    expect(holding(late).matchToken(token)).toBeUndefined()
  })

  test('in the epoch of both alone', () => {
    const other = entry(KEYS.session, 11, { at: { epoch: 'e2', seq: 11 } })
    expect(holding(other).matchToken(token)).toBeUndefined()
    expect(holding(other, entry(KEYS.session, 12)).matchToken(token)?.at.seq).toBe(12)
  })
})

describe('a foreign token has no number', () => {
  const ROWS: Record<string, [iat: number, revokedAt: number, touched: boolean]> = {
    'issued before': [NOON - 1, NOON, true],
    'issued in the same second': [NOON, NOON, true],
    'issued in the second that the revocation fell into': [NOON + 1, NOON + 0.2, true],
    'issued after that second': [NOON + 2, NOON + 0.2, false],
    'issued a second after': [NOON + 1, NOON, false],
  }
  test.each(Object.entries(ROWS))('%s', (_name, [iat, revokedAtSeconds, touched]) => {
    const revocations = holding(entry(KEYS.principal, 1, { revokedAtSeconds }))
    expect(revocations.matchToken(foreign(iat)) !== undefined).toBe(touched)
  })

  test('meets the entries of every epoch', () => {
    const revocations = holding(entry(KEYS.client, 1, { at: { epoch: 'e2', seq: 1 } }))
    expect(revocations.matchToken(foreign(NOON))?.key).toEqual(KEYS.client)
  })
})

describe('keys are exact', () => {
  const ROWS: Record<string, [RevocationKey, RevocableToken]> = {
    'another issuer': [KEYS.token, claims({ iss: 'https://b' })],
    'another token': [KEYS.token, claims({ jti: 'j2' })],
    'another session': [KEYS.session, claims({ sid: 's2' })],
    'another tenant of the same subject': [KEYS.principal, claims({ tenant: 't2' })],
    'another subject of the same tenant': [KEYS.principal, claims({ sub: 'bob' })],
    'another client': [KEYS.client, claims({ client_id: 'app' })],
    'another tenant': [KEYS.tenant, claims({ tenant: 't2' })],
    'another key': [KEYS.key, { ...token, keyId: 'k2' }],
  }
  test.each(Object.entries(ROWS))('%s is not touched', (_, [key, other]) => {
    expect(holding(entry(key, 99)).matchToken(token)).toBeDefined()
    expect(holding(entry(key, 99)).matchToken(other)).toBeUndefined()
  })

  const ancestor = { iss: 'https://a.example', jti: 'parent', kid: 'old', client_id: 'caller' }
  const passedOn = claims({ derived_from: [{ ...ancestor, jti: 'grandparent', kid: 'older' }, ancestor] })
  const taken: readonly [string, RevocationKey, boolean][] = [
    ['the token that it came of', { kind: 'token', iss: ancestor.iss, jti: 'parent' }, true],
    ['the one before that', { kind: 'token', iss: ancestor.iss, jti: 'grandparent' }, true],
    ['the key of either', { kind: 'key', kid: 'older' }, true],
    ['the client of either', { kind: 'client', clientId: 'caller' }, true],
    ['the same number of another issuer', { kind: 'token', iss: 'https://b.example', jti: 'parent' }, false],
    ['another key', { kind: 'key', kid: 'oldest' }, false],
  ]
  test.each(taken)('what was passed on and %s', (_, key, isTouched) => {
    expect(holding(entry(key, 11)).matchToken(passedOn) !== undefined).toBe(isTouched)
    expect(holding(entry(key, 10)).matchToken(passedOn)).toBeUndefined()
    expect(holding(entry(key, 11)).matchToken(token)).toBeUndefined()
  })

  test('names of prototypes are names', () => {
    const named = holding(entry({ kind: 'session', sid: 'x' }, 99))
    for (const sid of ['__proto__', 'constructor', 'toString']) {
      expect(named.matchToken(claims({ sid }))).toBeUndefined()
      expect(holding(entry({ kind: 'session', sid }, 99)).matchToken(claims({ sid }))).toBeDefined()
    }
  })

  test('no tenant is a tenant of its own', () => {
    const { tenant: _tenant, ...without } = token.claims
    const lonely = { ...token, claims: without }
    expect(holding(entry({ kind: 'principal', tenant: '', sub: 'ann' }, 99)).matchToken(lonely)).toBeDefined()
    expect(holding(entry(KEYS.principal, 99)).matchToken(lonely)).toBeUndefined()
  })

  test('no part of a key runs into the next', () => {
    const keys: RevocationKey[] = [
      { kind: 'token', iss: 'a', jti: 'bc' },
      { kind: 'token', iss: 'ab', jti: 'c' },
      { kind: 'principal', tenant: 'a', sub: 'bc' },
      { kind: 'grant', tenant: 'a', grantee: 'b', template: 'c', resource: 'd' },
      { kind: 'grant', tenant: 'a', grantee: 'b', template: 'c","d', resource: '' },
      { kind: 'grant', tenant: 'ab', grantee: '', template: 'c', resource: 'd' },
      { kind: 'session', sid: '["all"]' },
      { kind: 'all' },
    ]
    expect(
      holding(...keys.map((key) => entry(key, 3)))
        .list()
        .map(({ key }) => key),
    ).toEqual(expect.arrayContaining(keys))
  })
})

test('news may come in any order and any number of times', () => {
  const news = array(
    record({
      key: constantFrom(...Object.values(KEYS)),
      seq: integer({ min: 1, max: 20 }),
      life: integer({ min: 1, max: 9 }),
    }),
    { maxLength: 12 },
  )
  assert(
    property(news, integer({ min: 0, max: 20 }), (list, seq) => {
      const entries = list.map(({ key, seq: at, life }) => entry(key, at, { expiresAtSeconds: NOON + life }))
      const once = holding(...entries)
      const again = holding(...entries.toReversed(), ...entries)
      const seen = claims({ seq })
      expect(again.matchToken(seen) !== undefined).toBe(once.matchToken(seen) !== undefined)
      expect(once.matchToken(seen) !== undefined).toBe(
        entries.some(({ key, at }) => key.kind !== 'grant' && seq < at.seq),
      )
      expect(again.matchGrant(seen, grant) !== undefined).toBe(
        entries.some(({ key, at }) => key.kind === 'grant' && seq < at.seq),
      )
      expect(again.size).toBe(new Set(entries.map(({ key }) => JSON.stringify(key))).size)
    }),
  )
})

describe('pruning', () => {
  test('keeps an entry until no token that it could touch lives', () => {
    let now = NOON
    const revocations = createRevocations({ now: () => now })
    for (const key of Object.values(KEYS)) revocations.add(entry(key, 11))
    expect(revocations.size).toBe(8)
    now = NOON + 299
    expect(revocations.prune()).toBe(0)
    expect(revocations.matchToken(token)).toBeDefined()
    now = NOON + 300
    expect(revocations.prune()).toBe(8)
    expect(revocations.size).toBe(0)
    expect(revocations.list()).toEqual([])
  })

  test('an entry lives as long as the longer of two', () => {
    let now = NOON
    const revocations = createRevocations({ now: () => now })
    revocations.add(entry(KEYS.session, 11, { expiresAtSeconds: NOON + 900 }))
    revocations.add(entry(KEYS.session, 12, { expiresAtSeconds: NOON + 10 }))
    now = NOON + 500
    revocations.prune()
    expect(revocations.matchToken(claims({ seq: 11 }))?.at.seq).toBe(12)
  })

  test('an entry that has expired when it comes is not kept', () => {
    expect(holding(entry(KEYS.session, 11, { expiresAtSeconds: NOON })).size).toBe(0)
  })
})

describe('the list', () => {
  test('has every entry as it came, in whatever characters and fractions', () => {
    const odd = ['plain', 'ä', '\ud83d\ude00', '\ud800 alone', '"', 'x'.repeat(300)]
    const entries = [
      ...Object.values(KEYS),
      ...odd.flatMap((text): RevocationKey[] => [
        { kind: 'session', sid: text },
        { kind: 'token', iss: text, jti: text },
        { kind: 'principal', tenant: text, sub: text },
        { kind: 'grant', tenant: text, grantee: text, template: text, resource: text },
      ]),
    ].map((key, index) =>
      entry(key, index + 1, { revokedAtSeconds: NOON + 0.25, expiresAtSeconds: NOON + 0.5 + index }),
    )
    const bySeq = (list: readonly Revocation[]) => list.toSorted((left, right) => left.at.seq - right.at.seq)
    expect(bySeq(holding(...entries).list())).toEqual(entries)
  })

  test('is what was added and has not ended, however often room was given up and taken again', () => {
    const step = record({
      sid: integer({ min: 0, max: 30 }),
      life: integer({ min: 1, max: 20 }),
      passes: integer({ min: 0, max: 6 }),
    })
    assert(
      property(array(step, { maxLength: 120 }), (steps) => {
        let now = NOON
        const revocations = createRevocations({ now: () => now })
        const model = new Map<string, Revocation>()
        for (const [index, { sid, life, passes }] of steps.entries()) {
          const added = entry({ kind: 'session', sid: `s${sid}` }, index + 1, {
            revokedAtSeconds: now,
            expiresAtSeconds: now + life,
          })
          revocations.add(added)
          const known = model.get(`s${sid}`)
          const expiresAtSeconds = Math.max(known?.expiresAtSeconds ?? 0, added.expiresAtSeconds)
          model.set(`s${sid}`, { ...added, expiresAtSeconds })
          now += passes
          revocations.prune()
          for (const [key, { expiresAtSeconds: end }] of model) if (end <= now) model.delete(key)
          expect(new Set(revocations.list())).toEqual(new Set(model.values()))
          expect(revocations.size).toBe(model.size)
        }
      }),
    )
  })
})

test('the version changes with every change, so that what was matched may be kept until then', () => {
  const revocations = createRevocations({ now: () => NOON })
  const versions = [revocations.version]
  revocations.add(entry(KEYS.session, 11))
  versions.push(revocations.version)
  revocations.add(entry(KEYS.session, 12))
  versions.push(revocations.version)
  revocations.prune()
  expect(new Set(versions).size).toBe(3)
  expect(revocations.version).toBe(versions.at(-1))
})

test('the version of grants changes with those alone', () => {
  let now = NOON
  const revocations = createRevocations({ now: () => now })
  const { grantVersion } = revocations
  revocations.add(entry(KEYS.session, 11))
  revocations.add(entry(KEYS.principal, 12))
  expect(revocations.grantVersion).toBe(grantVersion)
  revocations.add(entry(KEYS.grant, 13))
  const afterAdding = revocations.grantVersion
  expect(afterAdding).not.toBe(grantVersion)
  now = NOON + 10_000_000
  revocations.prune()
  expect(revocations.grantVersion).not.toBe(afterAdding)
  expect([revocations.hasGrants, revocations.size]).toEqual([false, 0])
})

describe('readRevocation', () => {
  test.each(Object.values(KEYS).map((key) => [key.kind, key] as const))('reads %s', (_kind, key) => {
    expect(readRevocation(JSON.parse(JSON.stringify(entry(key, 3))))).toEqual(entry(key, 3))
  })

  const ROWS: Record<string, unknown> = {
    'no object': null,
    'an unknown kind': { ...entry(KEYS.all, 1), key: { kind: 'everything' } },
    'no kind': { ...entry(KEYS.all, 1), key: {} },
    'a key without its part': { ...entry(KEYS.all, 1), key: { kind: 'session' } },
    'a key with an empty part': { ...entry(KEYS.all, 1), key: { kind: 'session', sid: '' } },
    'a part that is no text': { ...entry(KEYS.all, 1), key: { kind: 'principal', tenant: 't', sub: ['ann'] } },
    'no tenant': { ...entry(KEYS.all, 1), key: { kind: 'tenant' } },
    'no end': { ...entry(KEYS.all, 1), expiresAtSeconds: undefined },
    'an endless end': { ...entry(KEYS.all, 1), expiresAtSeconds: Number.POSITIVE_INFINITY },
    'no moment': { ...entry(KEYS.all, 1), revokedAtSeconds: '1' },
  }
  test.each(Object.entries(ROWS))('refuses %s', async (_, json) => {
    expect(await codeOf(() => readRevocation(json))).toBe('ERR_FEED_REVOCATION')
  })

  test('refuses a position that is none', async () => {
    for (const at of [
      undefined,
      { epoch: '', seq: 1 },
      { epoch: 'e', seq: -1 },
      { epoch: 'e', seq: 1.5 },
      { epoch: 7, seq: 1 },
    ]) {
      expect(await codeOf(() => readRevocation({ ...entry(KEYS.all, 1), at }))).toBe('ERR_FEED_POSITION')
    }
  })
})
