import { entityUid } from '@cardea/policy'
import { createHash } from 'node:crypto'
import { assert, property, record, array, constantFrom, integer, option, oneof, string, uuid } from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CLAIMS_LIMITS,
  type Grant,
  packGrants,
  toAuthorizationDetails,
  tokenBytes,
  unpackGrants,
} from '../../src/index.ts'
import { ann, codeOf, plan, travel } from '../documents.ts'

/** The same on every run, and as random as any. */
function uuidOf(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

const text = string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter(
  (id) => id.isWellFormed() && id.length <= 256,
)
const anyId = oneof(uuid(), text, constantFrom('__proto__', 'constructor', ' ', '"', '\0'))
const anyGrant = record({
  template: constantFrom('viewer', 'editor'),
  grantee: constantFrom(
    ann,
    entityUid('Team', 'red'),
    entityUid('Team', uuidOf('blue')),
    entityUid('Role', '__proto__'),
  ),
  resource: record({ type: constantFrom('Document', 'Folder'), id: anyId }),
  until: option(integer({ min: 0, max: 4_000_000_000 }), { nil: undefined }),
}).map(({ template, grantee, resource, until }): Grant => {
  const grant = { tenant: 't1', template, grantee, resource: entityUid(resource.type, resource.id) }
  return until === undefined ? grant : { ...grant, untilSeconds: until }
})

const key = (grant: Grant): string =>
  JSON.stringify([grant.grantee.type, grant.grantee.id, grant.template, grant.resource.type, grant.resource.id])
const latest = (grants: readonly Grant[]): ReadonlyMap<string, number> => {
  const ends = new Map<string, number>()
  for (const grant of grants) {
    ends.set(key(grant), Math.max(ends.get(key(grant)) ?? -1, grant.untilSeconds ?? Number.POSITIVE_INFINITY))
  }
  return ends
}

describe('packed grants', () => {
  test('what is unpacked is what was packed, each once, with its latest end', () => {
    assert(
      property(array(anyGrant, { maxLength: 40 }), (grants) => {
        const unpacked = unpackGrants(travel(packGrants(grants, plan)), 't1')
        expect(latest(unpacked)).toEqual(latest(grants))
        expect(unpacked).toHaveLength(latest(grants).size)
      }),
    )
  })

  test('a set of grants has one form, whatever its order', () => {
    assert(
      property(array(anyGrant, { maxLength: 20 }), (grants) => {
        const packed = packGrants(grants, plan)
        expect(packGrants(grants.toReversed(), plan)).toEqual(packed)
        expect(packGrants(unpackGrants(packed, 't1'), plan)).toEqual(packed)
      }),
    )
  })

  test('an id comes back as it was: only lower-case UUIDs are shortened', () => {
    const upper = uuidOf('x').toUpperCase()
    const grants = [upper, uuidOf('x')].map((id) => grant({ resource: entityUid('Document', id) }))
    const ids = unpackGrants(packGrants(grants, plan), 't1').map(({ resource }) => resource.id)
    expect(new Set(ids)).toEqual(new Set([upper, uuidOf('x')]))
  })

  test('unpacked grants are frozen', () => {
    const [unpacked] = unpackGrants(packGrants([grant({})], plan))
    expect(Object.isFrozen(unpacked)).toBe(true)
    expect(Object.isFrozen(unpacked?.resource)).toBe(true)
  })
})

describe('bytes', () => {
  /** 200 documents by UUID, granted over nine teams by two templates: the reference case of the design. */
  const grants = Array.from({ length: 200 }, (_, index) =>
    grant({
      template: index % 3 === 0 ? 'editor' : 'viewer',
      grantee: entityUid('Team', uuidOf(`team ${index % 9}`)),
      resource: entityUid('Document', uuidOf(`document ${index}`)),
    }),
  )
  const claims = {
    iss: 'https://authority.example',
    sub: uuidOf('ann'),
    aud: 'https://documents.example',
    client_id: uuidOf('client'),
    iat: 1_790_000_000,
    exp: 1_790_000_300,
    jti: 'x'.repeat(22),
    sid: 'y'.repeat(22),
    tenant: uuidOf('tenant'),
    epoch: 'z'.repeat(22),
    seq: 1_234_567,
    acr: 'mfa',
    amr: ['pwd', 'otp'],
    auth_time: 1_790_000_000,
    cnf: { jkt: 'k'.repeat(43) },
    plan: plan.digest,
    attrs: {
      tenant: uuidOf('tenant'),
      level: 3,
      regions: ['eu', 'us'],
      suspended: null,
      networks: { office: '10.1.0.0/16' },
    },
    groups: { Role: ['admin'], Team: [] },
  }

  test('a whole token with 200 grants stays under 8 KB', () => {
    expect(tokenBytes({ ...claims, grants: packGrants(grants, plan) })).toBeLessThan(8192)
  })

  test('the packed form is less than 0.25 of the RFC 9396 form', () => {
    const packed = JSON.stringify(packGrants(grants, plan)).length
    const detailed = JSON.stringify(toAuthorizationDetails(grants)).length
    expect(packed / detailed).toBeLessThan(0.25)
    expect(detailed).toBeGreaterThan(25_000)
  })

  test('an end costs its digits and no more', () => {
    const ending = grants.map((item) => ({ ...item, untilSeconds: 1_790_000_000 }))
    const difference = JSON.stringify(packGrants(ending, plan)).length - JSON.stringify(packGrants(grants, plan)).length
    expect(difference).toBeLessThanOrEqual(200 * 11 + 18 * 3)
  })
})

describe('packing refuses', () => {
  const ROWS: Record<string, [readonly Grant[], string]> = {
    'a template that the plan does not have': [[grant({ template: 'nobody' })], 'ERR_CLAIMS_TEMPLATE'],
    'a `forbid` template': [[grant({ template: 'blocked' })], 'ERR_CLAIMS_TEMPLATE'],
    'grants of two tenants': [[grant({}), grant({ tenant: 't2' })], 'ERR_CLAIMS_TENANT'],
    'an empty id': [[grant({ resource: entityUid('Document', '') })], 'ERR_CLAIMS_GRANTS'],
    'a lone surrogate': [[grant({ resource: entityUid('Document', '\ud800') })], 'ERR_CLAIMS_GRANTS'],
    'a long id': [[grant({ resource: entityUid('Document', 'x'.repeat(257)) })], 'ERR_CLAIMS_GRANTS'],
    'a fractional end': [[grant({ untilSeconds: 1.5 })], 'ERR_CLAIMS_GRANTS'],
    'too many': [
      Array.from({ length: CLAIMS_LIMITS.grants + 1 }, (_, id) => grant({ resource: entityUid('Document', `${id}`) })),
      'ERR_CLAIMS_GRANTS_LIMIT',
    ],
    'too many grantees': [
      Array.from({ length: CLAIMS_LIMITS.grantees + 1 }, (_, id) => grant({ grantee: entityUid('Team', `${id}`) })),
      'ERR_CLAIMS_GRANTS_LIMIT',
    ],
  }
  test.each(Object.entries(ROWS))('%s', (_, [grants, code]) => {
    expect(codeOf(() => packGrants(grants, plan))).toBe(code)
  })
})

describe('unpacking refuses', () => {
  const names = ['Document', 'User', 'viewer']
  const row = (...groups: unknown[]): unknown => [names, [1, 'ann', ...groups]]
  const two = Buffer.alloc(16).toString('base64url')
  const ROWS: Record<string, unknown> = {
    'no list': { 0: names, length: 1 },
    undefined: undefined,
    'names that are no list': ['x', [1, 'ann', [2, 0, ['a']]]],
    'names out of order': [
      ['User', 'Document', 'viewer'],
      [0, 'ann', [2, 1, ['a']]],
    ],
    'a name twice': [
      ['User', 'User', 'viewer'],
      [0, 'ann', [2, 1, ['a']]],
    ],
    'an unused name': [
      ['Document', 'Folder', 'User', 'viewer'],
      [2, 'ann', [3, 0, ['a']]],
    ],
    'an empty name': [
      ['', 'User', 'viewer'],
      [1, 'ann', [2, 0, ['a']]],
    ],
    'names alone': [names],
    'a row without groups': [names, [1, 'ann']],
    'a position out of range': row([9, 0, ['a']]),
    'a negative position': row([-1, 0, ['a']]),
    'a position as text': row(['2', 0, ['a']]),
    'a fractional position': row([1.5, 0, ['a']]),
    'a position `__proto__`': row(['__proto__', 0, ['a']]),
    'no ids': row([2, 0, []]),
    'an empty text of ids': row([2, 0, '']),
    'an id twice': row([2, 0, ['a', 'a']]),
    'ids out of order': row([2, 0, ['b', 'a']]),
    'an id that is no text': row([2, 0, [7]]),
    'an empty id': row([2, 0, ['']]),
    'a lone surrogate': row([2, 0, ['\udfff']]),
    'a long id': row([2, 0, ['x'.repeat(257)]]),
    'UUIDs spelled out': row([2, 0, [uuidOf('x')]]),
    'packed ids of a wrong length': row([2, 0, two.slice(1)]),
    'packed ids with unused bits': row([2, 0, `${two.slice(0, 21)}B`]),
    'packed ids in another alphabet': row([2, 0, `${two.slice(0, 21)}=`]),
    'packed ids twice': row([2, 0, two + two]),
    'ends of another length': row([2, 0, ['a'], [1, 2]]),
    'an end as text': row([2, 0, ['a'], ['1']]),
    'an end that is none': row([2, 0, ['a'], [null]]),
    'a negative end': row([2, 0, ['a'], [-1]]),
    'a fractional end': row([2, 0, ['a'], [0.5]]),
    'an endless end': row([2, 0, ['a'], [Number.POSITIVE_INFINITY]]),
    'five parts': row([2, 0, ['a'], [1], 1]),
    'a group twice': row([2, 0, ['a']], [2, 0, ['b']]),
    'one that ends before one that lasts': row([2, 0, ['a'], [1]], [2, 0, ['b']]),
    'one that ends and lasts': row([2, 0, ['a']], [2, 0, ['a'], [1]]),
    'a grantee twice': [names, [1, 'ann', [2, 0, ['a']]], [1, 'ann', [2, 0, ['b']]]],
    'grantees out of order': [names, [1, 'bob', [2, 0, ['a']]], [1, 'ann', [2, 0, ['b']]]],
  }
  test.each(Object.entries(ROWS))('%s', (_, packed) => {
    expect(codeOf(() => unpackGrants(packed))).toBe('ERR_CLAIMS_GRANTS')
  })

  test('more than the limits', () => {
    const ids = Array.from({ length: CLAIMS_LIMITS.grants }, (_, id) => `${id}`).sort()
    expect(unpackGrants(row([2, 0, ids]))).toHaveLength(CLAIMS_LIMITS.grants)
    expect(codeOf(() => unpackGrants(row([2, 0, ids], [2, 0, ['x'], [1]])))).toBe('ERR_CLAIMS_GRANTS_LIMIT')
    const rows = Array.from({ length: CLAIMS_LIMITS.grantees + 1 }, () => [])
    expect(codeOf(() => unpackGrants([names, ...rows]))).toBe('ERR_CLAIMS_GRANTS_LIMIT')
  })

  test('anything, with our own error', () => {
    assert(
      property(array(oneof(array(anyId), integer(), anyGrant, string()), { maxLength: 5 }), (junk) => {
        expect(['none', 'ERR_CLAIMS_GRANTS', 'ERR_CLAIMS_GRANTS_LIMIT']).toContain(codeOf(() => unpackGrants(junk)))
      }),
    )
  })
})

test('as RFC 9396 details', () => {
  const details = toAuthorizationDetails([grant({ untilSeconds: 1_790_000_000 })])
  expect(details).toEqual([
    {
      type: 'cardea_grant',
      privileges: ['viewer'],
      datatypes: ['Document'],
      identifier: 'plan',
      grantee: 'User::"ann"',
      until: '2026-09-21T14:13:20.000Z',
    },
  ])
})

function grant(parts: Partial<Grant>): Grant {
  return { tenant: 't1', template: 'viewer', grantee: ann, resource: entityUid('Document', 'plan'), ...parts }
}
