// Entities close their ancestors, refuse duplicates and cycles, and survive hierarchies deeper than a stack.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ancestors } from '../../src/entity/ancestors.ts'
import { createEntities, layerEntities } from '../../src/entity/entities.ts'
import type { EntityInput } from '../../src/entity/entities.ts'
import { parseEntitiesJson } from '../../src/entity/entities-json.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { UidMap } from '../../src/entity/uid-map.ts'
import { createSchema } from '../../src/schema/schema.ts'

const node = (id: number | string) => entityUid('N', String(id))
const code = (expected: string) => expect.objectContaining({ code: expected })

describe('createEntities', () => {
  it('closes ancestors over any graph without cycles', () => {
    const edges = fc.array(fc.tuple(fc.nat(14), fc.nat(14)), { maxLength: 40 })
    fc.assert(
      fc.property(edges, fc.boolean(), (pairs, isReversed) => {
        // edges go from higher to lower numbers, so there is no cycle
        const parentsOf = (id: number) =>
          pairs.filter(([a, b]) => Math.max(a, b) === id && a !== b).map(([a, b]) => Math.min(a, b))
        const inputs = Array.from(
          { length: 15 },
          (_, id): EntityInput => ({ uid: node(id), parents: parentsOf(id).map(node) }),
        )
        const entities = createEntities(isReversed ? inputs.toReversed() : inputs)
        const reach = (id: number): Set<number> =>
          new Set(parentsOf(id).flatMap((parent) => [parent, ...reach(parent)]))
        for (let id = 0; id < 15; id++) {
          const ids = [...(entities.get(node(id))?.ancestors.get('N') ?? [])].map(Number).sort((a, b) => a - b)
          expect(ids).toEqual([...reach(id)].sort((a, b) => a - b))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('takes parents that are not in the list', () => {
    const entities = createEntities([{ uid: node(1), parents: [entityUid('Team', 't')] }])
    expect(entities.get(node(1))?.ancestors.get('Team')).toEqual(new Set(['t']))
    expect(entities.get(entityUid('Team', 't'))).toBeUndefined()
  })

  it('survives a long chain, whichever end comes first, and refuses one that is too long', () => {
    const chain = (length: number) => Array.from({ length }, (_, id) => ({ uid: node(id), parents: [node(id + 1)] }))
    expect(createEntities(chain(2000)).get(node(0))?.ancestors.get('N')?.size).toBe(2000)
    expect(createEntities(chain(2000).toReversed()).get(node(0))?.ancestors.size).toBe(2000)
    expect(() => createEntities(chain(3000))).toThrow(expect.objectContaining({ code: 'ERR_POLICY_ENTITY_LIMIT' }))
  })

  it.each<[string, EntityInput[], string]>([
    ['a duplicate', [{ uid: node(1) }, { uid: node(1) }], 'ERR_POLICY_ENTITY_DUPLICATE'],
    ['its own parent', [{ uid: node(1), parents: [node(1)] }], 'ERR_POLICY_ENTITY_CYCLE'],
    [
      'a cycle of two',
      [
        { uid: node(1), parents: [node(2)] },
        { uid: node(2), parents: [node(1)] },
      ],
      'ERR_POLICY_ENTITY_CYCLE',
    ],
    [
      'a cycle behind a diamond',
      [
        { uid: node(0), parents: [node(1), node(2)] },
        { uid: node(1), parents: [node(3)] },
        { uid: node(2), parents: [node(3)] },
        { uid: node(3), parents: [node(4)] },
        { uid: node(4), parents: [node(2)] },
      ],
      'ERR_POLICY_ENTITY_CYCLE',
    ],
  ])('refuses %s', (_, inputs, expected) => expect(() => createEntities(inputs)).toThrow(code(expected)))

  it('takes a diamond', () => {
    const entities = createEntities([
      { uid: node(0), parents: [node(1), node(2)] },
      { uid: node(1), parents: [node(3)] },
      { uid: node(2), parents: [node(3), node(1)] },
      { uid: node(3) },
    ])
    expect(entities.get(node(0))?.ancestors.get('N')).toEqual(new Set(['1', '2', '3']))
  })
})

describe('layerEntities', () => {
  it('hides what is under', () => {
    const over = createEntities([{ uid: node(1), attributes: { a: 1 } }])
    const under = createEntities([{ uid: node(1), attributes: { a: 2 } }, { uid: node(2) }])
    const both = layerEntities(over, under)
    expect(both.get(node(1))?.attributes.get('a')).toBe(1)
    expect(both.get(node(2))?.uid).toEqual(node(2))
    expect(both.get(node(3))).toBeUndefined()
  })
})

describe('UidMap', () => {
  it('finds the same among ancestors whichever side is larger', () => {
    const ids = fc.uniqueArray(fc.nat(40).map(String), { maxLength: 25 })
    fc.assert(
      fc.property(ids, ids, (kept, ancestors) => {
        const map = new UidMap<string>()
        for (const id of kept) map.set(node(id), id)
        const found = map.amongAncestors(
          Ancestors.of([...ancestors.map(node), ...kept.map((id) => entityUid('M', id))]),
        )
        expect([...found].sort()).toEqual(kept.filter((id) => ancestors.includes(id)).sort())
      }),
    )
  })
})

describe('parseEntitiesJson', () => {
  const schema = createSchema({
    entities: {
      User: {
        parents: ['Team'],
        attributes: { ip: { type: 'ipaddr' }, boss: { type: 'Entity', name: 'User', optional: true } },
        tags: { type: 'decimal' },
      },
      Team: { parents: [], attributes: {} },
    },
    actions: {},
  })

  it('lets the schema say what a text is', () => {
    const json = [
      {
        uid: { type: 'User', id: 'ann' },
        attrs: { ip: '::1', boss: { type: 'User', id: 'bob' }, more: { type: 'User', id: 'bob' } },
        parents: [{ __entity: { type: 'Team', id: 't' } }],
        tags: { score: '1.5' },
      },
    ]
    const entity = createEntities(parseEntitiesJson(json, schema)).get(entityUid('User', 'ann'))
    expect(entity?.attributes.get('ip')).toMatchObject({ kind: 'ipaddr' })
    expect(entity?.attributes.get('boss')).toEqual(entityUid('User', 'bob'))
    expect(entity?.attributes.get('more')).toMatchObject({ kind: 'record' })
    expect(entity?.tags.get('score')).toMatchObject({ kind: 'decimal' })
    expect(entity?.ancestors.get('Team')).toEqual(new Set(['t']))
    const [untyped] = parseEntitiesJson(json)
    expect(new Map(untyped?.attributes as Map<string, unknown>).get('ip')).toBe('::1')
  })

  it.each<[string, unknown, string]>([
    ['no list', {}, 'ERR_POLICY_ENTITY'],
    ['an entity that is no object', [1], 'ERR_POLICY_ENTITY'],
    ['a missing uid', [{}], 'ERR_POLICY_VALUE'],
    ['a uid with a number', [{ uid: { type: 'User', id: 1 } }], 'ERR_POLICY_VALUE'],
    ['parents that are no list', [{ uid: { type: 'User', id: 'a' }, parents: {} }], 'ERR_POLICY_ENTITY'],
    ['attributes that are a list', [{ uid: { type: 'User', id: 'a' }, attrs: [] }], 'ERR_POLICY_ENTITY'],
    ['an attribute of another type', [{ uid: { type: 'User', id: 'a' }, attrs: { ip: 1 } }], 'ERR_POLICY_VALUE'],
  ])('refuses %s', (_, json, expected) => expect(() => parseEntitiesJson(json, schema)).toThrow(code(expected)))
})
