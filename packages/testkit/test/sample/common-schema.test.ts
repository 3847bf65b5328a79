// What two schemas can both be asked: what stands on one side only is told, and every drawn request is valid on both.

import type { SchemaDefinition } from '@cardea/policy'
import { describe, expect, it } from 'vitest'
import { createSampler, createWorld, isValid } from '../../src/index.ts'
import { commonSchema } from '../../src/sample/common-schema.ts'
import { POLICIES, schema } from '../fixture.ts'

const { User, Note, Tenant, Role } = schema.entities
const { view, edit } = schema.actions

const text = { type: 'String' } as const

const CHANGES: readonly (readonly [string, SchemaDefinition, readonly string[]])[] = [
  ['nothing', schema, []],
  [
    'a new action',
    { ...schema, actions: { view, edit, burn: { ...view, uid: { type: 'Action', id: 'burn' } } } },
    ['action burn: it is new'],
  ],
  ['an action less', { ...schema, actions: { view } }, ['action edit: it is gone']],
  [
    'a new type that another needs',
    {
      ...schema,
      entities: {
        ...schema.entities,
        Team: { parents: [], attributes: {} },
        User: { parents: ['Role', 'Team'], attributes: { ...User.attributes, team: { type: 'Entity', name: 'Team' } } },
      },
    },
    ['entity type Team: it is new'],
  ],
  [
    'a new required attribute',
    { ...schema, entities: { ...schema.entities, Note: { ...Note, attributes: { ...Note.attributes, title: text } } } },
    [],
  ],
  [
    'an optional attribute less',
    {
      ...schema,
      entities: {
        ...schema.entities,
        Note: { parents: [], attributes: { tenant: Note.attributes.tenant, owner: Note.attributes.owner } },
      },
    },
    [],
  ],
  [
    'an optional attribute that is required now',
    { ...schema, actions: { view, edit: { ...edit, context: { ...edit.context, acr: text } } } },
    [],
  ],
  [
    'a context of another type',
    { ...schema, actions: { view, edit: { ...edit, context: { ip: text } } } },
    ['action edit: its context differs: `ip` was a ipaddr and is a String'],
  ],
  [
    'a type that is another',
    { ...schema, entities: { ...schema.entities, Role: { parents: [], attributes: {}, enum: ['auditor'] } } },
    ['entity type Role: its ids are enumerated on one side only'],
  ],
]

describe('two schemas', () => {
  it.each(CHANGES)('with %s', (_name, changed, expected) => {
    const { differences } = commonSchema(schema, changed)
    expect(differences.map(({ what, name, message }) => `${what} ${name}: ${message}`)).toEqual(expected)
    const before = createWorld({ schema, policies: [{ file: 'p.cedar', text: POLICIES }] })
    const after = createWorld({ schema: changed, policies: [{ file: 'p.cedar', text: POLICIES }] })
    const sampler = createSampler(before, after, 1)
    for (let index = 0; index < 100; index += 1) {
      const sample = sampler.draw(index)
      if (sample === undefined) throw new Error(`sample ${index} could not be drawn`)
      expect([isValid(sample, before.schema), isValid(sample, after.schema)]).toEqual([true, true])
    }
  })

  it('with nothing in common cannot be asked', () => {
    const other: SchemaDefinition = { entities: { Tenant, Role, User }, actions: {} }
    const world = createWorld({ schema, policies: [] })
    expect(createSampler(world, createWorld({ schema: other, policies: [] }), 1).draw(0)).toBeUndefined()
  })
})
