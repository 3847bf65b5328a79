import { describe, expect, it } from 'vitest'
import {
  actionName,
  ancestorTypes,
  createSchema,
  entityUid,
  PolicyError,
  type SchemaDefinition,
} from '../../src/index.ts'
import { documents } from './documents.ts'

const view = documents.actions.view
const EMPTY: SchemaDefinition = { entities: {}, actions: {} }

describe('createSchema', () => {
  const schema = createSchema(documents)

  it('finds an action by its name and by its reference', () => {
    expect(schema.action('view')).toBe(documents.actions.view)
    expect(schema.action(entityUid('Action', 'view'))).toBe(documents.actions.view)
    expect(schema.action('Billing::pay')).toBe(documents.actions['Billing::pay'])
    expect(schema.action(entityUid('Billing::Action', 'pay'))).toBe(documents.actions['Billing::pay'])
  })

  it('tells an action of a namespace from one whose id looks like it', () => {
    expect(schema.action(entityUid('Action', 'Billing::pay'))).toBeUndefined()
    expect(schema.action(entityUid('User', 'view'))).toBeUndefined()
  })

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('has no action and no type `%s`', (name) => {
    expect(schema.action(name)).toBeUndefined()
    expect(schema.entityType(name)).toBeUndefined()
  })

  it('closes the groups of actions', () => {
    const nested = createSchema({
      entities: {},
      actions: {
        all: { ...documents.actions.reading, uid: { type: 'Action', id: 'all' } },
        reading: { ...documents.actions.reading, memberOf: [{ type: 'Action', id: 'all' }] },
        view: { ...documents.actions.reading, ...view, principals: [], resources: [], context: {} },
      },
    })
    expect(nested.actionEntities.get(entityUid('Action', 'view'))?.ancestors.get('Action')).toEqual(
      new Set(['reading', 'all']),
    )
  })

  it('keeps a type and an attribute that are named `__proto__`', () => {
    const attributes = Object.fromEntries([['__proto__', { type: 'Long' as const }]])
    const named = createSchema({
      entities: Object.fromEntries([['__proto__', { parents: [], attributes }]]),
      actions: {},
    })
    expect(named.entityType('__proto__')?.attributes).toEqual(attributes)
  })
})

describe('createSchema refuses', () => {
  const rows: readonly (readonly [string, SchemaDefinition, RegExp])[] = [
    [
      'a parent that is not declared',
      { ...EMPTY, entities: { A: { parents: ['B'], attributes: {} } } },
      /`B`, which is not declared/,
    ],
    [
      'an attribute of a type that is not declared',
      { ...EMPTY, entities: { A: { parents: [], attributes: { b: { type: 'Entity', name: 'B' } } } } },
      /attribute `b` of the entity type `A`.*`B`/,
    ],
    [
      'the same deep in a record of sets',
      {
        ...EMPTY,
        entities: {
          A: {
            parents: [],
            attributes: {
              a: { type: 'Record', attributes: { s: { type: 'Set', element: { type: 'Entity', name: 'B' } } } },
            },
          },
        },
      },
      /attribute `s` of the attribute `a`/,
    ],
    [
      'tags of a type that is not declared',
      { ...EMPTY, entities: { A: { parents: [], attributes: {}, tags: { type: 'Entity', name: 'B' } } } },
      /the tags of/,
    ],
    ['an enumeration of nothing', { ...EMPTY, entities: { A: { parents: [], attributes: {}, enum: [] } } }, /no ids/],
    [
      'attributes of an enumerated type',
      { ...EMPTY, entities: { A: { parents: [], attributes: { b: { type: 'Bool' } }, enum: ['x'] } } },
      /can have no parents, attributes or tags/,
    ],
    [
      'an entity type `Action`',
      { ...EMPTY, entities: { 'N::Action': { parents: [], attributes: {} } } },
      /type of actions/,
    ],
    ['an action under another name', { ...EMPTY, actions: { look: { ...documents.actions.reading } } }, /not its own/],
    [
      'an action of a type that is none of actions',
      { ...EMPTY, actions: { reading: { ...documents.actions.reading, uid: { type: 'User', id: 'reading' } } } },
      /no type of actions/,
    ],
    [
      'a group that is not declared',
      { ...EMPTY, actions: { reading: { ...documents.actions.reading, memberOf: [{ type: 'Action', id: 'all' }] } } },
      /group/,
    ],
    [
      'groups in a circle',
      {
        ...EMPTY,
        actions: { reading: { ...documents.actions.reading, memberOf: [{ type: 'Action', id: 'reading' }] } },
      },
      /own ancestor/,
    ],
    [
      'a principal that is not declared',
      { ...EMPTY, actions: { reading: { ...documents.actions.reading, principals: ['User'] } } },
      /principal of the action `reading`/,
    ],
    [
      'a type nested too deeply',
      { ...EMPTY, entities: { A: { parents: [], attributes: { a: nestedSet(100) } } } },
      /deeper than 64/,
    ],
  ]

  it.each(rows)('%s', (_, definition, message) => {
    const error = refusal(definition)
    expect(error.code).toBe('ERR_POLICY_SCHEMA')
    expect(error.problems.map((problem) => problem.message).join('\n')).toMatch(message)
  })

  it('all problems at once', () => {
    const error = refusal({
      entities: { A: { parents: ['B', 'C'], attributes: { d: { type: 'Entity', name: 'D' } } } },
      actions: {},
    })
    expect(error.problems).toHaveLength(3)
  })
})

describe('ancestorTypes', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['Tenant', []],
    ['Folder', ['Workspace', 'Tenant']],
    ['Document', ['Folder', 'Workspace', 'Tenant']],
    ['User', ['Team', 'Role']],
    ['Team', ['Team']],
  ]
  it.each(rows)('of %s', (name, expected) => {
    const parents = createSchema(documents).entityType(name)?.parents ?? []
    expect([...ancestorTypes(parents, documents.entities)]).toEqual(expected)
  })
})

describe('actionName', () => {
  it.each([
    [{ type: 'Action', id: 'view' }, 'view'],
    [{ type: 'Docs::Action', id: 'view' }, 'Docs::view'],
    [{ type: 'A::B::Action', id: 'x y' }, 'A::B::x y'],
  ])('of %o is %s', (uid, name) => expect(actionName(uid)).toBe(name))
})

function refusal(definition: SchemaDefinition): PolicyError {
  try {
    createSchema(definition)
  } catch (error) {
    if (error instanceof PolicyError) return error
    throw error
  }
  throw new TypeError('the definition was accepted')
}

function nestedSet(depth: number): SchemaDefinition['entities'][string]['attributes'][string] {
  let type: SchemaDefinition['entities'][string]['attributes'][string] = { type: 'Long' }
  for (let level = 0; level < depth; level++) type = { type: 'Set', element: type }
  return type
}
