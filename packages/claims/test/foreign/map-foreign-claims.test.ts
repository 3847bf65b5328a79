import { createSchema, entityUid, setValue } from '@cardea/policy'
import { describe, expect, test } from 'vitest'
import { checkClaimMapping, type ClaimMapping, mapForeignClaims } from '../../src/index.ts'
import { ann, codeOf, type definition, schema } from '../documents.ts'

const NS = 'https://acme.example/'
const mapping = {
  principal: { type: 'User', id: 'sub' },
  attributes: {
    tenant: 'org_id',
    level: `${NS}level`,
    nickname: null,
    suspended: `${NS}suspended`,
    regions: ['app_metadata', 'regions'],
    joined: null,
    networks: 'networks',
  },
  parents: { Team: 'groups', Role: { claim: ['realm_access', 'roles'], whenMissing: 'none' }, Company: null },
  tenant: 'org_id',
} as const satisfies ClaimMapping<typeof definition>

const claims = {
  sub: 'ann',
  org_id: 't1',
  [`${NS}level`]: 3,
  app_metadata: { regions: ['eu'] },
  networks: { office: '10.0.0.0/8' },
  groups: ['red', 'red', 'blue'],
}

test('maps what the provider says', () => {
  const facts = mapForeignClaims(mapping, claims, schema)
  const entity = facts.entities.get(ann)
  expect(facts.principal).toEqual(ann)
  expect(facts.tenant).toBe('t1')
  expect(facts.grants).toEqual([])
  expect(entity?.attributes.get('tenant')).toEqual(entityUid('Tenant', 't1'))
  expect(entity?.attributes.get('regions')).toEqual(setValue(['eu']))
  expect(entity?.attributes.has('suspended')).toBe(false)
  expect(entity?.ancestors.get('Team')).toEqual(new Set(['blue', 'red']))
  expect(entity?.ancestors.get('Role')).toBeUndefined()
})

describe('refuses', () => {
  const without = (name: keyof typeof claims): object =>
    Object.fromEntries(Object.entries(claims).filter(([other]) => other !== name))
  const ROWS: Record<string, [object, string]> = {
    'no subject': [without('sub'), 'ERR_CLAIMS_FOREIGN_MISSING'],
    'an empty subject': [{ ...claims, sub: '' }, 'ERR_CLAIMS_FOREIGN_VALUE'],
    'a subject that is a number': [{ ...claims, sub: 7 }, 'ERR_CLAIMS_FOREIGN_VALUE'],
    'no tenant': [without('org_id'), 'ERR_CLAIMS_FOREIGN_MISSING'],
    'no required attribute': [{ ...claims, [`${NS}level`]: undefined }, 'ERR_CLAIMS_FOREIGN_MISSING'],
    'a required attribute that is null': [{ ...claims, [`${NS}level`]: null }, 'ERR_CLAIMS_FOREIGN_MISSING'],
    'an attribute of another type': [{ ...claims, [`${NS}level`]: '3' }, 'ERR_CLAIMS_FOREIGN_VALUE'],
    'a path through what is no object': [{ ...claims, app_metadata: 'x' }, 'ERR_CLAIMS_FOREIGN_MISSING'],
    'no memberships': [without('groups'), 'ERR_CLAIMS_FOREIGN_MISSING'],
    'memberships as one text': [{ ...claims, groups: 'red blue' }, 'ERR_CLAIMS_FOREIGN_VALUE'],
    'a membership that is no text': [{ ...claims, groups: ['red', { id: 'blue' }] }, 'ERR_CLAIMS_FOREIGN_VALUE'],
    'too many memberships': [{ ...claims, groups: Array.from({ length: 2001 }, String) }, 'ERR_CLAIMS_FOREIGN_VALUE'],
    'memberships elsewhere (distributed claims)': [
      { ...without('groups'), _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://x' } } },
      'ERR_CLAIMS_FOREIGN_OVERAGE',
    ],
    'memberships elsewhere although some are here': [
      { ...claims, _claim_names: { groups: 'src1' } },
      'ERR_CLAIMS_FOREIGN_OVERAGE',
    ],
    'memberships elsewhere, where a missing claim means none': [
      { ...claims, _claim_names: { realm_access: 'src1' } },
      'ERR_CLAIMS_FOREIGN_OVERAGE',
    ],
    'an attribute elsewhere': [
      { ...claims, _claim_names: { [`${NS}suspended`]: 'src1' } },
      'ERR_CLAIMS_FOREIGN_OVERAGE',
    ],
    '`hasgroups`': [{ ...without('groups'), hasgroups: true }, 'ERR_CLAIMS_FOREIGN_OVERAGE'],
    '`hasgroups` as a text': [{ ...claims, hasgroups: 'true' }, 'ERR_CLAIMS_FOREIGN_OVERAGE'],
    'claim names that are no object': [{ ...claims, _claim_names: 'groups' }, 'ERR_CLAIMS_FOREIGN_VALUE'],
  }
  test.each(Object.entries(ROWS))('%s', (_, [foreign, code]) => {
    expect(codeOf(() => mapForeignClaims(mapping, { ...foreign }, schema))).toBe(code)
  })

  test('nothing that belongs to a prototype', () => {
    const inherited = Object.create({ sub: 'ann' })
    expect(codeOf(() => mapForeignClaims(mapping, inherited, schema))).toBe('ERR_CLAIMS_FOREIGN_MISSING')
    const named = { ...mapping, principal: { type: 'User', id: 'constructor' } } as const
    expect(codeOf(() => mapForeignClaims(named, claims, schema))).toBe('ERR_CLAIMS_FOREIGN_MISSING')
  })
})

describe('a mapping', () => {
  const change = (changes: object): ClaimMapping => ({ ...mapping, ...changes })
  const ROWS: Record<string, [ClaimMapping, string, string]> = {
    'of an unknown type': [change({ principal: { type: 'Person', id: 'sub' } }), 'ERR_CLAIMS_MAPPING', 'Person'],
    'with an unknown attribute': [
      change({ attributes: { ...mapping.attributes, color: 'c' } }),
      'ERR_CLAIMS_MAPPING',
      'color',
    ],
    'without an attribute': [
      change({ attributes: { ...mapping.attributes, nickname: undefined } }),
      'ERR_CLAIMS_MAPPING',
      'nickname',
    ],
    'that leaves out a required attribute': [
      change({ attributes: { ...mapping.attributes, level: null } }),
      'ERR_CLAIMS_MAPPING',
      'level',
    ],
    'with an impossible parent': [
      change({ parents: { ...mapping.parents, Folder: 'folders' } }),
      'ERR_CLAIMS_MAPPING',
      'Folder',
    ],
    'without an indirect parent': [
      change({ parents: { Team: 'groups', Role: null } }),
      'ERR_CLAIMS_MAPPING',
      'Company',
    ],
    'by `email`': [change({ principal: { type: 'User', id: 'email' } }), 'ERR_CLAIMS_MAPPING_ID', 'email'],
    'by `preferred_username`': [
      change({ principal: { type: 'User', id: ['profile', 'preferred_username'] } }),
      'ERR_CLAIMS_MAPPING_ID',
      'preferred_username',
    ],
    'by nothing': [change({ principal: { type: 'User', id: [] } }), 'ERR_CLAIMS_MAPPING', 'id'],
  }
  test.each(Object.entries(ROWS))('%s is refused', (_, [wrong, code, member]) => {
    expect(() => checkClaimMapping(wrong, schema)).toThrow(expect.objectContaining({ code, member }))
    expect(codeOf(() => mapForeignClaims(wrong, claims, schema))).toBe(code)
  })

  test('for a type with nothing to say is short', () => {
    const small = createSchema({ entities: { User: { parents: [], attributes: {} } }, actions: {} })
    const short: ClaimMapping = { principal: { type: 'User', id: 'sub' }, attributes: {}, parents: {} }
    expect(mapForeignClaims(short, { sub: 'ann' }, small).principal).toEqual(ann)
  })
})

test('the compiler checks a mapping against the schema', () => {
  type Mapping = ClaimMapping<typeof definition>
  const parts = { parents: mapping.parents, principal: mapping.principal }
  // @ts-expect-error -- no such type
  const wrongType: Mapping = { ...mapping, principal: { type: 'Person', id: 'sub' } }
  // @ts-expect-error -- a required attribute cannot be null
  const missing: Mapping = { ...parts, attributes: { ...mapping.attributes, level: null } }
  // @ts-expect-error -- an attribute is left out
  const partial: Mapping = { ...parts, attributes: { level: 'level' } }
  // @ts-expect-error -- a parent is left out
  const orphan: Mapping = { ...mapping, parents: { Team: 'groups' } }
  // @ts-expect-error -- no such parent
  const strange: Mapping = { ...mapping, parents: { ...mapping.parents, Planet: 'x' } }
  for (const wrong of [wrongType, missing, partial, orphan, strange]) {
    expect(codeOf(() => checkClaimMapping(wrong, schema))).toBe('ERR_CLAIMS_MAPPING')
  }
})
