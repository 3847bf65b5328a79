import {
  compileProgram,
  createEntities,
  decide,
  entityUid,
  layerEntities,
  parseDatetime,
  parseIp,
  recordValue,
  setValue,
  type EntityUid,
  type Value,
} from '@cardea/policy'
import { describe, expect, test } from 'vitest'
import { type Grant, packPrincipal, type PrincipalInput, principalOf, readPrincipal } from '../../src/index.ts'
import { ann, codeOf, plan, policies, schema, travel } from '../documents.ts'

const office = parseIp('10.1.0.0/16')
const joined = parseDatetime('2026-01-01')
if (office === undefined || joined === undefined) throw new Error('the literals are fine')

const input: PrincipalInput = {
  principal: ann,
  tenant: 't1',
  attributes: new Map<string, Value>([
    ['tenant', entityUid('Tenant', 't1')],
    ['level', 3],
    ['nickname', 'Annie'],
    ['regions', setValue(['eu', 'us'])],
    ['joined', joined],
    ['networks', recordValue({ office, home: office })],
  ]),
  ancestors: [entityUid('Role', 'admin'), entityUid('Company', 'acme'), entityUid('Team', 'red')],
  grants: [
    grant({}),
    grant({ grantee: entityUid('Team', 'red'), template: 'editor', resource: entityUid('Folder', 'f') }),
  ],
}
const packed = travel(packPrincipal(input, plan, schema))
const token = { sub: 'ann', client_id: 'web', tenant: 't1', ...packed }
const read = (claims: object): ReturnType<typeof readPrincipal> => readPrincipal(claims, { schema, plan })

describe('packPrincipal', () => {
  test('says what the plan names and nothing else', () => {
    expect(packed).toEqual({
      plan: plan.digest,
      attrs: { level: 3, regions: ['eu', 'us'], suspended: null, networks: { office: '10.1.0.0/16' } },
      groups: { Role: ['admin'], Team: ['red'] },
      grants: [
        ['Document', 'Folder', 'Team', 'User', 'editor', 'viewer'],
        [2, 'red', [4, 1, ['f']]],
        [3, 'ann', [5, 0, ['plan']]],
      ],
    })
  })

  test('what restricts is there even when there is nothing', () => {
    const { groups } = packPrincipal({ ...input, ancestors: [], grants: [] }, plan, schema)
    expect(groups).toEqual({ Team: [] })
  })

  test('leaves out grants that this audience or this schema does not know', () => {
    const grants = [grant({ template: 'gone' }), grant({ resource: entityUid('Gone', 'x') })]
    expect(packPrincipal({ ...input, grants }, plan, schema).grants).toEqual([])
  })

  const without = (name: string): PrincipalInput => {
    const attributes = new Map(input.attributes)
    attributes.delete(name)
    return { ...input, attributes }
  }
  const withValue = (name: string, value: Value): PrincipalInput => ({
    ...input,
    attributes: new Map([...input.attributes, [name, value]]),
  })
  const REFUSED: Record<string, [PrincipalInput, string]> = {
    'a type that the schema does not have': [{ ...input, principal: entityUid('Robot', 'r') }, 'ERR_CLAIMS_PRINCIPAL'],
    'a required attribute that is missing': [without('level'), 'ERR_CLAIMS_ATTRIBUTE_MISSING'],
    'a required field that is missing': [withValue('networks', recordValue({})), 'ERR_CLAIMS_ATTRIBUTE_MISSING'],
    'an attribute of another type': [withValue('level', 'three'), 'ERR_CLAIMS_ATTRIBUTE'],
    'a set of another type': [withValue('regions', setValue([1])), 'ERR_CLAIMS_ATTRIBUTE'],
    'a record that is none': [withValue('networks', 'x'), 'ERR_CLAIMS_ATTRIBUTE'],
    "somebody else's grant": [
      { ...input, grants: [grant({ grantee: entityUid('User', 'bob') })] },
      'ERR_CLAIMS_GRANTS',
    ],
    "another tenant's grant": [{ ...input, grants: [grant({ tenant: 't2' })] }, 'ERR_CLAIMS_TENANT'],
    'an empty group id': [{ ...input, ancestors: [entityUid('Team', '')], grants: [] }, 'ERR_CLAIMS_GROUPS'],
  }
  test.each(Object.entries(REFUSED))('refuses %s', (_, [principal, code]) => {
    expect(codeOf(() => packPrincipal(principal, plan, schema))).toBe(code)
  })
})

describe('readPrincipal', () => {
  test('gives back the planned part of the principal', () => {
    const facts = read(token)
    const entity = facts.entities.get(ann)
    expect(facts.principal).toEqual(ann)
    expect(facts.tenant).toBe('t1')
    expect(Object.fromEntries(entity?.attributes ?? [])).toEqual({
      level: 3,
      regions: setValue(['eu', 'us']),
      networks: recordValue({ office }),
    })
    expect([...(entity?.ancestors ?? [])].map(([type, ids]) => [type, [...ids]])).toEqual([
      ['Role', ['admin']],
      ['Team', ['red']],
    ])
    expect(facts.grants).toHaveLength(2)
    expect(facts.links.all.map(({ id }) => id)).toEqual([
      'editor(Team::"red", Folder::"f")',
      'viewer(User::"ann", Document::"plan")',
    ])
    expect(Object.isFrozen(facts)).toBe(true)
    expect(Object.isFrozen(facts.principal)).toBe(true)
  })

  test('a team that a grant came by is an ancestor, though the plan does not name its type', () => {
    const grants = [grant({ grantee: entityUid('Company', 'acme') })]
    const claims = { ...token, ...travel(packPrincipal({ ...input, grants }, plan, schema)) }
    expect(claims.groups).not.toHaveProperty('Company')
    expect(read(claims).entities.get(ann)?.ancestors.get('Company')?.has('acme')).toBe(true)
  })

  test('reads the subject as a person, or as a client that acts for itself', () => {
    const client = {
      ...packPrincipal({ ...input, principal: entityUid('Client', 'sync'), ancestors: [], grants: [] }, plan, schema),
    }
    const facts = read({ ...travel(client), sub: 'sync', client_id: 'sync' })
    expect(facts.principal).toEqual(entityUid('Client', 'sync'))
    expect(principalOf({ sub: 'sync', client_id: 'web' }, { schema })).toEqual(entityUid('User', 'sync'))
    const types = { schema, principalType: 'Client', clientType: 'Role' }
    expect(principalOf({ sub: 'x', client_id: 'y' }, types).type).toBe('Client')
    expect(principalOf({ sub: 'x', client_id: 'x' }, types).type).toBe('Role')
  })

  const { plan: _, ...unplanned } = token
  const attrs = (changes: object): object => ({ ...token, attrs: { ...packed.attrs, ...changes } })
  const without = (name: string): object => ({
    ...token,
    attrs: Object.fromEntries(Object.entries(packed.attrs).filter(([other]) => other !== name)),
  })
  const robbed = (name: string): object => ({ ...token, groups: { Role: ['admin'], [name]: undefined } })
  const grants = (names: string[], ...rows: unknown[]): object => ({ ...token, grants: [names, ...rows] })
  const REFUSED: Record<string, [object, string]> = {
    'no plan': [unplanned, 'ERR_CLAIMS_PLAN'],
    'another plan': [{ ...token, plan: 'x' }, 'ERR_CLAIMS_PLAN'],
    'no subject': [{ ...token, sub: undefined }, 'ERR_CLAIMS_PRINCIPAL'],
    'an empty subject': [{ ...token, sub: '' }, 'ERR_CLAIMS_PRINCIPAL'],
    'a subject that is a list': [{ ...token, sub: ['ann'] }, 'ERR_CLAIMS_PRINCIPAL'],
    'a subject with a lone surrogate': [{ ...token, sub: 'ann\ud800' }, 'ERR_CLAIMS_PRINCIPAL'],
    'a tenant that is no text': [{ ...token, tenant: 1 }, 'ERR_CLAIMS_TENANT'],
    'no attributes': [{ ...token, attrs: undefined }, 'ERR_CLAIMS_ATTRIBUTE'],
    'attributes as a list': [{ ...token, attrs: [] }, 'ERR_CLAIMS_ATTRIBUTE'],
    'an attribute outside the plan': [attrs({ nickname: 'Annie' }), 'ERR_CLAIMS_ATTRIBUTE'],
    'an attribute named `constructor`': [attrs({ constructor: 1 }), 'ERR_CLAIMS_ATTRIBUTE'],
    'an attribute of another type': [attrs({ level: '3' }), 'ERR_CLAIMS_ATTRIBUTE'],
    'an attribute that is no integer': [attrs({ level: 1.5 }), 'ERR_CLAIMS_ATTRIBUTE'],
    'an attribute with its own type': [
      attrs({ level: { __extn: { fn: 'decimal', arg: '1.0' } } }),
      'ERR_CLAIMS_ATTRIBUTE',
    ],
    'a required attribute that is null': [attrs({ level: null }), 'ERR_CLAIMS_ATTRIBUTE_MISSING'],
    'a restrictive attribute taken away': [without('suspended'), 'ERR_CLAIMS_ATTRIBUTE_MISSING'],
    'a restrictive field taken away': [attrs({ networks: {} }), 'ERR_CLAIMS_ATTRIBUTE_MISSING'],
    'a field outside the plan': [
      attrs({ networks: { office: '10.0.0.0/8', home: '10.0.0.1' } }),
      'ERR_CLAIMS_ATTRIBUTE',
    ],
    'no groups': [{ ...token, groups: undefined }, 'ERR_CLAIMS_GROUPS'],
    'restrictive groups taken away': [robbed('Team'), 'ERR_CLAIMS_GROUPS_MISSING'],
    'groups outside the plan': [{ ...token, groups: { ...packed.groups, Company: ['acme'] } }, 'ERR_CLAIMS_GROUPS'],
    'groups that are no list': [{ ...token, groups: { ...packed.groups, Team: { 0: 'red' } } }, 'ERR_CLAIMS_GROUPS'],
    'a group twice': [{ ...token, groups: { ...packed.groups, Team: ['red', 'red'] } }, 'ERR_CLAIMS_GROUPS'],
    'no grants': [{ ...token, grants: undefined }, 'ERR_CLAIMS_GRANTS'],
    'a grant of an unknown template': [
      grants(['Document', 'User', 'blocked'], [1, 'ann', [2, 0, ['x']]]),
      'ERR_CLAIMS_GRANTS',
    ],
    'a grant of an unknown type': [grants(['Ghost', 'User', 'viewer'], [1, 'ann', [2, 0, ['x']]]), 'ERR_CLAIMS_GRANTS'],
    "somebody else's grant": [grants(['Document', 'User', 'viewer'], [1, 'bob', [2, 0, ['x']]]), 'ERR_CLAIMS_GRANTS'],
    'a grant by something that a user cannot be in': [
      grants(['Document', 'Folder', 'viewer'], [1, 'f', [2, 0, ['x']]]),
      'ERR_CLAIMS_GRANTS',
    ],
  }
  test.each(Object.entries(REFUSED))('refuses %s', (_, [claims, code]) => {
    expect(codeOf(() => read(claims))).toBe(code)
  })

  test('a permissive attribute may have been taken away: it is absent, and permits less', () => {
    expect(read(without('level')).entities.get(ann)?.attributes.has('level')).toBe(false)
  })
})

describe('decisions by the token are those by the whole principal', () => {
  const program = compileProgram(policies, { schema })
  const resources = createEntities(
    [false, true].flatMap((classified) =>
      [1, 5].map((level) => ({
        uid: entityUid('Document', `${level} ${classified}`),
        attributes: { tenant: entityUid('Tenant', 't1'), level, region: 'eu', classified },
        parents: level === 1 ? [entityUid('Folder', 'f')] : [],
      })),
    ),
  )
  const people: Record<string, PrincipalInput> = {
    ann: input,
    'ann, suspended': { ...input, attributes: new Map([...input.attributes, ['suspended', true]]) },
    'ann, at home': {
      ...input,
      attributes: new Map([...input.attributes, ['networks', recordValue({ office: parseIp('192.0.2.0/24') ?? '' })]]),
    },
    'ann, an intern': { ...input, ancestors: [...input.ancestors, entityUid('Team', 'interns')] },
    'ann without grants': { ...input, grants: [] },
  }
  const rows = Object.entries(people).flatMap(([name, person]) =>
    ['view', 'edit', 'delete'].flatMap((action) =>
      ['1 false', '1 true', '5 false', '5 true'].map((document) => [name, action, document, person] as const),
    ),
  )

  test.each(rows)('%s: %s %s', (_, action, document, person) => {
    const facts = read({ sub: 'ann', tenant: 't1', ...travel(packPrincipal(person, plan, schema)) })
    const request = {
      principal: ann,
      action: uid('Action', action),
      resource: uid('Document', document),
      context: new Map(),
    }
    const whole = createEntities([{ uid: ann, attributes: person.attributes, parents: person.ancestors }])
    const byToken = decide(program, {
      ...request,
      entities: layerEntities(facts.entities, resources),
      links: facts.links,
    })
    const byWhole = decide(program, { ...request, entities: layerEntities(whole, resources), links: facts.links })
    expect(byToken.decision).toBe(byWhole.decision)
    expect(byToken.determining).toEqual(byWhole.determining)
  })

  test('and they differ from one another', () => {
    const allowed = rows.filter(([, action, document, person]) => {
      const facts = read({ sub: 'ann', tenant: 't1', ...travel(packPrincipal(person, plan, schema)) })
      const entities = layerEntities(facts.entities, resources)
      const request = {
        principal: ann,
        action: uid('Action', action),
        resource: uid('Document', document),
        context: new Map(),
      }
      return decide(program, { ...request, entities, links: facts.links }).decision === 'allow'
    })
    expect(allowed.length).toBeGreaterThan(10)
    expect(allowed.length).toBeLessThan(rows.length - 10)
  })
})

function uid(type: string, id: string): EntityUid {
  return entityUid(type, id)
}

function grant(parts: Partial<Grant>): Grant {
  return { tenant: 't1', template: 'viewer', grantee: ann, resource: entityUid('Document', 'plan'), ...parts }
}
