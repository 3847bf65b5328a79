// Grants by reference: one text and one digest for a set, whose it is stands in it, and reading refuses every other spelling.

import { createHash } from 'node:crypto'
import { type EntityUid, entityUid, parseIp, recordValue, setValue, type Value } from '@cardea/policy'
import {
  array,
  assert,
  constantFrom,
  integer,
  oneof,
  option,
  property,
  record,
  shuffledSubarray,
  string,
  uuid,
} from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CLAIMS_LIMITS,
  type Grant,
  grantsReference,
  openGrantSet,
  type OpenGrantSet,
  packGrantSet,
  packPrincipal,
  packPrincipalByReference,
  type PrincipalInput,
  readPrincipal,
  tokenBytes,
  unpackGrants,
} from '../../src/index.ts'
import { ann, codeOf, plan, schema, travel } from '../documents.ts'

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'https://documents.example'
const owner = { issuer: ISSUER, audience: AUDIENCE, tenant: 't1', principal: ann }
const red = entityUid('Team', 'red')
const office = parseIp('10.1.0.0/16')
if (office === undefined) throw new Error('the literal is fine')
const ATTRIBUTES = new Map<string, Value>([
  ['level', 3],
  ['regions', setValue(['eu'])],
  ['networks', recordValue({ office })],
])

const anyGrant = record({
  template: constantFrom('viewer', 'editor'),
  grantee: constantFrom(ann, red),
  resource: record({
    type: constantFrom('Document', 'Folder'),
    id: oneof(
      uuid(),
      string({ minLength: 1, maxLength: 8, unit: 'grapheme' }),
      constantFrom('__proto__', '"', '\0', '\u2028'),
    ),
  }),
  until: option(integer({ min: 0, max: 4_000_000_000 }), { nil: undefined }),
}).map(({ template, grantee, resource, until }): Grant => {
  const grant = { tenant: 't1', template, grantee, resource: entityUid(resource.type, resource.id) }
  return until === undefined ? grant : { ...grant, untilSeconds: until }
})

function documents(count: number, prefix = 'document'): Grant[] {
  return Array.from({ length: count }, (_, index) => grant(`${prefix} ${index}`))
}

function grant(id: string, grantee: EntityUid = ann): Grant {
  return { tenant: 't1', template: 'viewer', grantee, resource: entityUid('Document', id) }
}

function digestOf(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('base64url')
}

describe('a set', () => {
  test('opens to what was packed into it, whatever the order was, and to the same grants as in a token', () => {
    assert(
      property(
        array(anyGrant, { maxLength: 30 }).chain((grants) =>
          record({
            grants: constantFrom(grants),
            again: shuffledSubarray(grants, { minLength: grants.length, maxLength: grants.length }),
          }),
        ),
        ({ grants, again }) => {
          const set = packGrantSet(grants, owner, plan)
          expect(packGrantSet(again, owner, plan)).toEqual(set)
          const open = openGrantSet(Buffer.from(set.text), set.digest)
          const input = { ...person(grants), ancestors: [red] }
          expect(open.grants).toEqual(unpackGrants(travel(packPrincipal(input, plan, schema).grants), 't1'))
          expect(open).toMatchObject(owner)
          expect(open.links.all).toHaveLength(open.grants.length)
        },
      ),
    )
  })

  test('has the digest of its text', () => {
    const { digest, text } = packGrantSet([grant('plan')], owner, plan)
    expect(text).toBe(
      `{"format":"cardea-grant-set/1","iss":"${ISSUER}","aud":"${AUDIENCE}","tenant":"t1","principal":["User","ann"],` +
        '"grants":[["Document","User","viewer"],[1,"ann",[2,0,["plan"]]]]}',
    )
    expect(digest).toBe(digestOf(text))
    expect(digest).toHaveLength(43)
  })

  test('is another one for another issuer, audience, tenant, principal or grant', () => {
    const digests = [
      packGrantSet([grant('a')], owner, plan),
      packGrantSet([grant('a')], { ...owner, issuer: `${ISSUER}/` }, plan),
      packGrantSet([grant('a')], { ...owner, audience: 'https://mail.example' }, plan),
      packGrantSet([{ ...grant('a'), tenant: 't2' }], { ...owner, tenant: 't2' }, plan),
      packGrantSet([{ ...grant('a'), tenant: '' }], { ...owner, tenant: undefined }, plan),
      packGrantSet([grant('a')], { ...owner, principal: entityUid('User', 'bob') }, plan),
      packGrantSet([grant('a')], { ...owner, principal: entityUid('Client', 'ann') }, plan),
      packGrantSet([grant('b')], owner, plan),
      packGrantSet([{ ...grant('a'), untilSeconds: 5 }], owner, plan),
      packGrantSet([], owner, plan),
    ].map(({ digest }) => digest)
    expect(new Set(digests).size).toBe(digests.length)
  })

  test('is frozen, and makes its links once', () => {
    const { digest, text } = packGrantSet(documents(3), owner, plan)
    const open = openGrantSet(text, digest)
    expect([open, open.grants, open.principal, open.grants[0]].every((value) => Object.isFrozen(value))).toBe(true)
    expect(open.links).toBe(open.links)
  })

  test.each([1000, 10_000])('of %i grants by UUID is read, and its token stays small', (count) => {
    const grants = Array.from({ length: count }, () => grant(crypto.randomUUID()))
    const { claims, set } = packPrincipalByReference(person(grants), plan, schema, owner)
    expect(set.text.length).toBeLessThan(300 + 22 * count)
    expect(tokenBytes(claims)).toBeLessThan(700)
    const facts = readWith(claims, openGrantSet(set.text, set.digest))
    expect(facts.grants).toHaveLength(count)
    expect(facts.links.all).toHaveLength(count)
  })
})

describe('a set is no larger than the limits, when it is made and when it is read', () => {
  const { setGrants, setGrantees, setBytes } = CLAIMS_LIMITS
  const teams = Array.from({ length: setGrantees + 1 }, (_, index) => grant('plan', entityUid('Team', `${index}`)))
  const long = documents(setGrants, 'x'.repeat(200))

  test('grants', () => {
    expect(packGrantSet(documents(setGrants), owner, plan).text.length).toBeLessThan(setBytes)
    expect(codeOf(() => packGrantSet(documents(setGrants + 1), owner, plan))).toBe('ERR_CLAIMS_GRANT_SET_LIMIT')
  })

  test('grantees', () => {
    expect(codeOf(() => packGrantSet(teams, owner, plan))).toBe('ERR_CLAIMS_GRANT_SET_LIMIT')
    expect(codeOf(() => packGrantSet(teams.slice(1), owner, plan))).toBe('none')
  })

  test('bytes', () => {
    expect(codeOf(() => packGrantSet(long, owner, plan))).toBe('ERR_CLAIMS_GRANT_SET_LIMIT')
    const text = 'x'.repeat(setBytes + 1)
    expect(codeOf(() => openGrantSet(text, digestOf(text)))).toBe('ERR_CLAIMS_GRANT_SET_LIMIT')
  })

  test('grants of several groups, in a text that somebody else made', () => {
    const ids = (from: number): string[] =>
      documents(6000, `${from}`)
        .map(({ resource }) => resource.id)
        .toSorted()
    const groups = [
      [2, 0, ids(1)],
      [3, 0, ids(2)],
    ]
    const packed = [
      ['Document', 'User', 'editor', 'viewer'],
      [1, 'ann', ...groups],
    ]
    expect(codeOf(() => opened(textWith({ grants: packed })))).toBe('ERR_CLAIMS_GRANT_SET_LIMIT')
  })
})

describe('is refused, though its digest is right:', () => {
  const { text } = packGrantSet([grant('plan'), { ...grant('end'), untilSeconds: 100 }], owner, plan)
  const REFUSED: Record<string, [string | Uint8Array, string]> = {
    'no JSON': ['{', 'ERR_CLAIMS_GRANT_SET'],
    'a list': ['[]', 'ERR_CLAIMS_GRANT_SET'],
    nothing: ['', 'ERR_CLAIMS_GRANT_SET'],
    'deep nesting': ['['.repeat(500_000), 'ERR_CLAIMS_GRANT_SET'],
    'bytes that are no UTF-8': [Buffer.from([0x22, 0xff, 0x22]), 'ERR_CLAIMS_GRANT_SET'],
    'a byte order mark': [Buffer.from(`\ufeff${text}`), 'ERR_CLAIMS_GRANT_SET'],
    spaces: [text.replace(',', ', '), 'ERR_CLAIMS_GRANT_SET'],
    'a line break at the end': [`${text}\n`, 'ERR_CLAIMS_GRANT_SET'],
    'another spelling of a number': [text.replace('[100]', '[1e2]'), 'ERR_CLAIMS_GRANT_SET'],
    'another spelling of a text': [text.replace('"ann"', '"\\u0061nn"'), 'ERR_CLAIMS_GRANT_SET'],
    'a member twice': [text.replace('"tenant"', '"tenant":"t2","tenant"'), 'ERR_CLAIMS_GRANT_SET'],
    'one member more': [text.replace('{', '{"a":1,'), 'ERR_CLAIMS_GRANT_SET'],
    'members in another order': [text.replace(/("iss":"[^"]*"),("aud":"[^"]*")/, '$2,$1'), 'ERR_CLAIMS_GRANT_SET'],
    'another format': [text.replace('set/1', 'set/2'), 'ERR_CLAIMS_GRANT_SET'],
    'no format': [textWith({ format: undefined }), 'ERR_CLAIMS_GRANT_SET'],
    'an issuer that is no text': [textWith({ iss: 1 }), 'ERR_CLAIMS_GRANT_SET'],
    'no audience': [textWith({ aud: undefined }), 'ERR_CLAIMS_GRANT_SET'],
    'two audiences': [textWith({ aud: [AUDIENCE, AUDIENCE] }), 'ERR_CLAIMS_GRANT_SET'],
    'an empty tenant': [textWith({ tenant: '' }), 'ERR_CLAIMS_GRANT_SET'],
    'no tenant, as null': [textWith({ tenant: null }), 'ERR_CLAIMS_GRANT_SET'],
    'a principal as text': [textWith({ principal: 'User::"ann"' }), 'ERR_CLAIMS_GRANT_SET'],
    'a principal of three parts': [textWith({ principal: ['User', 'ann', 'x'] }), 'ERR_CLAIMS_GRANT_SET'],
    'no grants': [textWith({ grants: undefined }), 'ERR_CLAIMS_GRANTS'],
    'grants out of order': [
      textWith({
        grants: [
          ['Document', 'User', 'viewer'],
          [1, 'ann', [2, 0, ['b', 'a']]],
        ],
      }),
      'ERR_CLAIMS_GRANTS',
    ],
  }
  test.each(Object.entries(REFUSED))('%s', (_, [source, code]) => {
    expect(codeOf(() => openGrantSet(source, digestOf(source)))).toBe(code)
  })

  test('and so is every text with another digest, down to a bit', () => {
    const { digest } = packGrantSet([grant('plan')], owner, plan)
    expect(codeOf(() => openGrantSet(text, digest))).toBe('ERR_CLAIMS_GRANT_SET')
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(codeOf(() => openGrantSet(changed, digestOf(bytes)))).toBe('ERR_CLAIMS_GRANT_SET')
    }
  })
})

describe('a token that names its grants', () => {
  const input = { ...person([grant('plan'), grant('memo', red)]), ancestors: [red] }
  const { claims, set } = packPrincipalByReference(input, plan, schema, owner)
  const open = openGrantSet(set.text, set.digest)

  test('says everything else as one that holds them', () => {
    const { grants: _, ...packed } = packPrincipal(input, plan, schema)
    expect(claims).toEqual({ ...packed, grants_ref: set.digest })
  })

  test('is read as one that holds them', () => {
    const held = readPrincipal({ ...token, ...travel(packPrincipal(input, plan, schema)) }, { schema, plan })
    const named = readWith(claims, open)
    expect(named.grants).toEqual(held.grants)
    expect(named.links.all).toEqual(held.links.all)
    expect(named.tenant).toBe(held.tenant)
    expect([...(named.entities.get(ann)?.ancestors ?? [])]).toEqual([...(held.entities.get(ann)?.ancestors ?? [])])
  })

  test('is not read without the set, or with another one', () => {
    const other = packPrincipalByReference(person([grant('other')]), plan, schema, owner).set
    expect(codeOf(() => readWith(claims, undefined))).toBe('ERR_CLAIMS_GRANTS_REF')
    expect(codeOf(() => readWith(claims, openGrantSet(other.text, other.digest)))).toBe('ERR_CLAIMS_GRANTS_REF')
  })

  const FOREIGN: Record<string, object> = {
    'another issuer': { iss: 'https://other.example' },
    'no issuer': { iss: undefined },
    'another audience': { aud: 'https://mail.example' },
    'several audiences, of which ours is one': { aud: [AUDIENCE, 'https://mail.example'] },
    'another tenant': { tenant: 't2' },
    'no tenant': { tenant: undefined },
    'another subject': { sub: 'bob' },
    'a client of the same name': { client_id: 'ann', attrs: {}, groups: {} },
  }
  test.each(Object.entries(FOREIGN))('is refused with a set that is right but for %s', (_, changes) => {
    expect(codeOf(() => readWith({ ...claims, ...changes }, open))).toBe('ERR_CLAIMS_GRANT_SET_OWNER')
  })

  const last = set.digest.slice(0, -1)
  const MALFORMED: Record<string, object> = {
    'both forms': { grants: [] },
    'both forms, one as null': { grants: null },
    'a number': { grants_ref: 1 },
    null: { grants_ref: null },
    'an empty text': { grants_ref: '' },
    'a short digest': { grants_ref: last },
    'a long digest': { grants_ref: `${set.digest}A` },
    'padded base64': { grants_ref: `${set.digest}=` },
    'a digest in hex': { grants_ref: Buffer.from(set.digest, 'base64url').toString('hex') },
    'unused bits that are set': { grants_ref: `${last}B` },
    'a path': { grants_ref: '../'.repeat(14) + 'A' },
  }
  test.each(Object.entries(MALFORMED))('is refused with %s', (_, changes) => {
    expect(codeOf(() => readWith({ ...claims, ...changes }, open))).toBe('ERR_CLAIMS_GRANTS_REF')
    expect(codeOf(() => grantsReference({ ...claims, ...changes }))).toBe('ERR_CLAIMS_GRANTS_REF')
  })

  test('and one with neither form is refused', () => {
    expect(codeOf(() => readWith({ ...claims, grants_ref: undefined }, undefined))).toBe('ERR_CLAIMS_GRANTS')
    expect(grantsReference({ grants: [] })).toBeUndefined()
  })

  test.each([
    ['of a template that the plan does not have', { ...grant('plan'), template: 'blocked' }],
    ['to somebody else', grant('plan', entityUid('Client', 'web'))],
  ])('is refused with a grant %s', (_, one) => {
    const wider = { ...plan, templates: [...plan.templates, 'blocked'] }
    const forged = packGrantSet([one], owner, wider)
    const named = { ...claims, grants_ref: forged.digest }
    expect(codeOf(() => readWith(named, openGrantSet(forged.text, forged.digest)))).toBe('ERR_CLAIMS_GRANTS')
  })

  test("is not made of somebody else's grants, or another tenant's", () => {
    const refer = (one: Grant): string => codeOf(() => packPrincipalByReference(person([one]), plan, schema, owner))
    expect(refer(grant('plan', entityUid('User', 'bob')))).toBe('ERR_CLAIMS_GRANTS')
    expect(refer({ ...grant('plan'), tenant: 't2' })).toBe('ERR_CLAIMS_TENANT')
    expect(codeOf(() => packGrantSet([grant('plan')], { ...owner, tenant: 't2' }, plan))).toBe('ERR_CLAIMS_TENANT')
  })
})

const token = { iss: ISSUER, aud: AUDIENCE, sub: 'ann', client_id: 'web', tenant: 't1' }

function person(grants: readonly Grant[]): PrincipalInput {
  return { principal: ann, tenant: 't1', attributes: ATTRIBUTES, ancestors: [], grants }
}

function readWith(claims: object, grantSet: OpenGrantSet | undefined): ReturnType<typeof readPrincipal> {
  return readPrincipal(travel({ ...token, ...claims }), { schema, plan, grantSet })
}

/** The text of a set with one grant, but for what is said. */
function textWith(changes: object): string {
  const members = {
    format: 'cardea-grant-set/1',
    iss: ISSUER,
    aud: AUDIENCE,
    tenant: 't1',
    principal: ['User', 'ann'],
    grants: [
      ['Document', 'User', 'viewer'],
      [1, 'ann', [2, 0, ['plan']]],
    ],
  }
  return JSON.stringify({ ...members, ...changes })
}

function opened(text: string): OpenGrantSet {
  return openGrantSet(text, digestOf(text))
}
