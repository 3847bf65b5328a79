// The news as Rego reads them: every kind of revocation under its key, people by names that a stock OPA computes too.

import type { Revocation, RevocationKey } from '@cardea/feed'
import { entityUid } from '@cardea/policy'
import { generateSigningKey, publicJwk } from '@cardea/token'
import { describe, expect, test, vi } from 'vitest'
import { evalOpa, requireOpa } from '../../../../tools/opa.ts'
import { printOpaJson } from '../../src/bundle/opa-json.ts'
import { hiddenGrantee, hiddenPrincipal, type OpaNews, opaNewsContent } from '../../src/index.ts'

vi.setConfig({ testTimeout: 300_000 })

const SUBJECT_KEY = 'A'.repeat(43)
const NEWS: OpaNews = {
  issuer: 'https://authority.example',
  audience: 'https://docs.example',
  position: { epoch: 'e1', seq: 41 },
  timeSeconds: 1_800_000_000,
  policy: { revision: 7, sinceSeconds: 1_799_990_000 },
  tenants: undefined,
  subjectKey: SUBJECT_KEY,
  keys: { keys: [] },
  revocations: [],
}

const revocation = (key: RevocationKey, seq: number, epoch = 'e1', expiresAtSeconds = 1000): Revocation => ({
  key,
  at: { epoch, seq },
  revokedAtSeconds: 1,
  expiresAtSeconds,
})

/** What Rego finds in `data.cardea_data.news`. */
function newsOf(news: Partial<OpaNews>): Record<string, unknown> {
  const { data } = opaNewsContent({ ...NEWS, ...news })
  return (JSON.parse(printOpaJson(data)) as { cardea_data: { news: Record<string, unknown> } }).cardea_data.news
}

const EMPTY = { all: {}, tokens: {}, sessions: {}, principals: {}, clients: {}, tenants: {}, keys: {}, grants: {} }

describe('the news', () => {
  test('have every member, empty where there is nothing', () => {
    expect(newsOf({})).toEqual({
      format: 1,
      issuer: 'https://authority.example',
      audience: 'https://docs.example',
      epoch: 'e1',
      seq: 41,
      time: 1_800_000_000,
      policy: { revision: 7, since: 1_799_990_000 },
      tenants: { all: true, names: {} },
      subject_key: SUBJECT_KEY,
      keys: {},
      revocations: { e1: EMPTY },
    })
    expect(newsOf({ policy: undefined })['policy']).toEqual({ revision: 0, since: 0 })
  })

  test('own one root, and are numbered by epoch, position and time', () => {
    expect(opaNewsContent(NEWS)).toMatchObject({ revision: 'e1:41:1800000000', roots: ['cardea_data/news'] })
  })

  test('name the tenants that count, and none of them counts when there are none', () => {
    expect(newsOf({ tenants: ['acme', 'a/b'] })['tenants']).toEqual({ all: false, names: { acme: true, 'a/b': true } })
    expect(newsOf({ tenants: [] })['tenants']).toEqual({ all: false, names: {} })
  })

  test('hold keys by id, each with its algorithm, and no private part', async () => {
    const key = await generateSigningKey('ES256')
    const { keys } = newsOf({ keys: { keys: [publicJwk(key)] } })
    expect(keys).toEqual({ [key.kid]: { alg: 'ES256', jwk: publicJwk(key) } })
    expect(JSON.stringify(keys)).not.toContain('"d"')
  })

  const entry = { seq: 9, until: 1000 }
  const person = '1e31b78572487fd753b18cad0810f5bc'
  const team = 'e947f7fba13c660002b20f221efa427c'
  const grant = {
    kind: 'grant',
    tenant: 'acme',
    grantee: 'Team::"blue"',
    template: 'viewer',
    resource: 'Docs::Document::"a \\"b\\""',
  } as const
  const places: readonly [RevocationKey, object][] = [
    [{ kind: 'token', iss: 'https://a.example', jti: 'j' }, { tokens: { 'https://a.example': { j: entry } } }],
    [{ kind: 'session', sid: 's' }, { sessions: { s: entry } }],
    [{ kind: 'principal', tenant: 'acme', sub: 'ann' }, { principals: { acme: { [person]: entry } } }],
    [{ kind: 'client', clientId: 'web' }, { clients: { web: entry } }],
    [{ kind: 'tenant', tenant: '' }, { tenants: { '': entry } }],
    [{ kind: 'key', kid: '__proto__' }, { keys: Object.fromEntries([['__proto__', entry]]) }],
    [grant, { grants: { acme: { [team]: { viewer: { 'Docs::Document': { 'a "b"': entry } } } } } }],
    [{ kind: 'all' }, { all: entry }],
  ]
  test.each(places)('have an entry of %o in its place', (key, place) => {
    expect(newsOf({ revocations: [revocation(key, 9)] })['revocations']).toEqual({ e1: { ...EMPTY, ...place } })
  })

  test('of two entries with one key have the later position and the longer life', () => {
    const key = { kind: 'session', sid: 's' } as const
    const both = [revocation(key, 9, 'e1', 1000), revocation(key, 5, 'e1', 2000.5)]
    for (const revocations of [both, both.toReversed()])
      expect(newsOf({ revocations })['revocations']).toEqual({
        e1: { ...EMPTY, sessions: { s: { seq: 9, until: 2001 } } },
      })
  })

  test('keep epochs apart', () => {
    const { revocations } = newsOf({ revocations: [revocation({ kind: 'all' }, 9, 'e0')] })
    expect(revocations).toEqual({ e0: { ...EMPTY, all: entry }, e1: EMPTY })
  })

  test('are not made at all when a grant in them cannot be read', () => {
    const revocations = [revocation({ ...grant, resource: 'nothing' }, 9)]
    expect(() => newsOf({ revocations })).toThrow(expect.objectContaining({ code: 'ERR_OPA_BUNDLE_CONTENT' }))
  })
})

describe('hidden names', () => {
  const names: readonly (readonly [string, string])[] = [
    ['acme', 'ann'],
    ['', 'ann'],
    ['acme', ''],
    ['a.b', 'c'],
    ['a', 'b.c'],
    ['<&>"\\\u2028', 'é\u{10000}\u0000'],
  ]

  test('are those that OPA computes', async ({ skip }) => {
    const opa = await requireOpa(skip)
    const data = printOpaJson({ cardea_data: { news: { subject_key: SUBJECT_KEY } }, asked: names })
    const files = [
      ['data.json', data],
      ['names.rego', REGO],
    ] as const
    expect(await evalOpa(opa, { files, query: 'data.names' })).toEqual({
      principals: names.map(([tenant, sub]) => hiddenPrincipal(SUBJECT_KEY, tenant, sub)),
      grantees: names.map(([tenant, id]) => hiddenGrantee(SUBJECT_KEY, tenant, entityUid('Team', id))),
    })
  })

  test('differ by kind, tenant, name and key', () => {
    const all = [
      ...names.map(([tenant, sub]) => hiddenPrincipal(SUBJECT_KEY, tenant, sub)),
      ...names.map(([tenant, id]) => hiddenGrantee(SUBJECT_KEY, tenant, entityUid('Team', id))),
      hiddenGrantee(SUBJECT_KEY, 'acme', entityUid('User', 'ann')),
      hiddenPrincipal('B'.repeat(43), 'acme', 'ann'),
    ]
    expect(new Set(all).size).toBe(all.length)
    for (const name of all) expect(name).toMatch(/^[0-9a-f]{32}$/)
  })
})

const REGO = `package names

b64(text) := base64url.encode_no_pad(text)

name(parts) := substring(crypto.hmac.sha256(concat(".", parts), data.cardea_data.news.subject_key), 0, 32)

principals := [name(["principal", b64(tenant), b64(sub)]) | some [tenant, sub] in data.asked]

grantees := [name(["grantee", b64(tenant), b64("Team"), b64(id)]) | some [tenant, id] in data.asked]
`
