import { describe, expect, it } from 'vitest'
import {
  checkEntity,
  createEntities,
  createSchema,
  entityUid,
  type Entity,
  type EntityInput,
  parseIp,
  recordValue,
  setValue,
  type Value,
} from '../../src/index.ts'
import { documents } from './documents.ts'

const schema = createSchema(documents)
const office = parseIp('10.0.0.0/8') ?? false

const ann: EntityInput = {
  uid: entityUid('User', 'ann'),
  attributes: { tenant: entityUid('Tenant', 'acme'), networks: recordValue({ office }), level: 3 },
  parents: [entityUid('Team', 'red'), entityUid('Role', 'admin')],
}
const plan: EntityInput = {
  uid: entityUid('Document', 'plan'),
  attributes: { owner: entityUid('User', 'ann'), classified: false, title: 'plan', editors: setValue([]) },
  parents: [entityUid('Folder', 'f'), entityUid('Workspace', 'w'), entityUid('Tenant', 'acme')],
  tags: { colour: setValue(['red']) },
}

describe('checkEntity', () => {
  const good: readonly (readonly [string, EntityInput])[] = [
    ['a user', ann],
    ['a document with optional attributes absent', plan],
    ['a document with them', withAttributes(plan, { size: 2n ** 63n - 1n, meta: recordValue({ pages: 1 }) })],
    ['an entity without ancestors', { ...ann, parents: [] }],
    ['an enumerated id', { uid: entityUid('Role', 'auditor') }],
  ]
  it.each(good)('finds nothing wrong with %s', (_, input) => expect(checkEntity(schema, entity(input))).toEqual([]))

  const bad: readonly (readonly [string, EntityInput, string, RegExp])[] = [
    ['a type that is not in the schema', { uid: entityUid('Usr', 'a') }, 'ERR_POLICY_ENTITY_TYPE', /`Usr`/],
    ['a type of `Object.prototype`', { uid: entityUid('constructor', 'a') }, 'ERR_POLICY_ENTITY_TYPE', /`constructor`/],
    ['a missing attribute', { uid: ann.uid, attributes: {} }, 'ERR_POLICY_ENTITY_ATTRIBUTE', /lacks `tenant`/],
    ['an unknown attribute', withAttributes(plan, { titel: 'x' }), 'ERR_POLICY_ENTITY_ATTRIBUTE', /`titel`/],
    ['an attribute of another type', withAttributes(plan, { title: 3 }), 'ERR_POLICY_ENTITY_ATTRIBUTE', /`String`/],
    ['a Long beyond 64 bits', withAttributes(plan, { size: 2n ** 63n }), 'ERR_POLICY_ENTITY_ATTRIBUTE', /`size`/],
    ['a fraction for a Long', withAttributes(plan, { size: 1.5 }), 'ERR_POLICY_ENTITY_ATTRIBUTE', /`size`/],
    ['NaN for a Long', withAttributes(plan, { size: Number.NaN }), 'ERR_POLICY_ENTITY_ATTRIBUTE', /`size`/],
    [
      'a reference to another type',
      withAttributes(plan, { owner: entityUid('Team', 'ann') }),
      'ERR_POLICY_ENTITY_ATTRIBUTE',
      /`User`/,
    ],
    [
      'one wrong element of a set',
      withAttributes(plan, { editors: setValue([entityUid('User', 'a'), 'b']) }),
      'ERR_POLICY_ENTITY_ATTRIBUTE',
      /set of `User`/,
    ],
    [
      'a record that lacks a field',
      withAttributes(ann, { networks: recordValue({}) }),
      'ERR_POLICY_ENTITY_ATTRIBUTE',
      /`networks`/,
    ],
    [
      'a record with an unknown field',
      withAttributes(ann, { networks: recordValue({ office, home: office }) }),
      'ERR_POLICY_ENTITY_ATTRIBUTE',
      /`networks`/,
    ],
    [
      'a parent of another type',
      { ...ann, parents: [entityUid('Folder', 'f')] },
      'ERR_POLICY_ENTITY_ANCESTOR',
      /`Folder`/,
    ],
    [
      'a parent that is not enumerated',
      { ...ann, parents: [entityUid('Role', 'root')] },
      'ERR_POLICY_ENTITY_ENUM',
      /`Role`/,
    ],
    ['an id that is not enumerated', { uid: entityUid('Role', 'root') }, 'ERR_POLICY_ENTITY_ENUM', /enumerated/],
    ['a tag of another type', { ...plan, tags: { colour: 'red' } }, 'ERR_POLICY_ENTITY_TAG', /tag/],
    ['tags of a type without tags', { ...ann, tags: { a: 'b' } }, 'ERR_POLICY_ENTITY_TAG', /cannot have tags/],
  ]
  it.each(bad)('finds %s', (_, input, code, message) => {
    const problems = checkEntity(schema, entity(input))
    expect(problems.map((problem) => problem.code)).toContain(code)
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(message)
  })

  it('suggests a near name', () => {
    const [problem] = checkEntity(schema, entity(withAttributes(plan, { clasified: true })))
    expect(problem?.hint).toBe('did you mean `classified`?')
  })

  it('says no value', () => {
    const problems = checkEntity(
      schema,
      entity(withAttributes(plan, { title: 3, owner: entityUid('Team', 'secret-id') })),
    )
    expect(JSON.stringify(problems)).not.toContain('secret-id')
  })
})

function entity(input: EntityInput): Entity {
  const found = createEntities([input]).get(input.uid)
  if (found === undefined) throw new TypeError('no entity')
  return found
}

function withAttributes(input: EntityInput, attributes: { readonly [name: string]: Value }): EntityInput {
  return { ...input, attributes: [...entity(input).attributes, ...Object.entries(attributes)] }
}
