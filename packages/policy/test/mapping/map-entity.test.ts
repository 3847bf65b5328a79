import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  Ancestors,
  checkEntity,
  createSchema,
  defineSchema,
  type EntityTypeDefinition,
  entityUid,
  fieldMap,
  parseDatetime,
  parseDecimal,
  PolicyError,
  recordValue,
  type SchemaDefinition,
  setValue,
} from '../../src/index.ts'
import { createFilter, mapEntity } from '../../src/mapping/index.ts'
import { documents } from '../schema/documents.ts'
import { Document, Folder, Team, Tenant } from './mappings.ts'

const schema = createSchema(documents)

const row = {
  id: 'plan',
  owner_id: 'ann',
  classified: 0,
  title: 'The plan',
  editor_ids: '["ann","bob"]',
  size: null,
  published_at: null,
  folder_id: 'f',
  workspace_id: 'w',
  tags: '{"colour":["red"]}',
  body: 'not mapped',
}

describe('a mapping', () => {
  it('makes an entity of a row', () => {
    expect(Document(row)).toEqual({
      type: 'Document',
      row,
      entity: {
        uid: entityUid('Document', 'plan'),
        attributes: fieldMap([
          ['owner', entityUid('User', 'ann')],
          ['classified', false],
          ['title', 'The plan'],
          ['editors', setValue([entityUid('User', 'ann'), entityUid('User', 'bob')])],
        ]),
        ancestors: Ancestors.of([entityUid('Folder', 'f'), entityUid('Workspace', 'w')]),
        tags: fieldMap([['colour', setValue(['red'])]]),
      },
    })
  })

  it('hands the very row on', () => expect(Document(row).row).toBe(row))

  it.each([undefined, null])('makes nothing of %s', (nothing) => expect(Document(nothing)).toBeUndefined())

  it('reads the same from a driver with richer types', () => {
    const rich = { ...row, classified: false, editor_ids: ['ann', 'bob'], tags: { colour: ['red'] } }
    expect(Document(rich).entity).toEqual(Document(row).entity)
  })

  it('reads columns through getters, as objects of an ORM have them', () => {
    class TenantRow {
      get id(): string {
        return 'acme'
      }
    }
    expect(Tenant(new TenantRow()).entity.uid).toEqual(entityUid('Tenant', 'acme'))
  })

  it('says what it is for queries', () => {
    expect(Document.type).toBe('Document')
    expect(Document.table).toBe('documents')
    expect(Document.definition).toBe(documents.entities.Document)
    expect(Document.columns).toEqual({
      id: 'id',
      attributes: new Map([
        ['owner', 'owner_id'],
        ['classified', 'classified'],
        ['title', 'title'],
        ['editors', 'editor_ids'],
        ['size', 'size'],
        ['published', 'published_at'],
      ]),
      parents: new Map([
        ['Folder', { kind: 'one', column: 'folder_id' }],
        ['Workspace', { kind: 'one', column: 'workspace_id' }],
        ['Tenant', { kind: 'none' }],
      ]),
      tags: 'tags',
    })
    expect(Team.columns.parents).toEqual(new Map([['Team', { kind: 'many', column: 'path' }]]))
  })

  it('is frozen', () => expect(Object.isFrozen(Document)).toBe(true))

  it('belongs to a filter', () => {
    const residual = { kind: 'always-deny', reason: 'no-permit', determining: [] } as const
    const filter = createFilter(Document, residual, 'view')
    expect(filter).toEqual({ mapping: Document, residual, action: 'view' })
    expect(Object.isFrozen(filter)).toBe(true)
  })
})

describe('ancestors', () => {
  it.each([
    ['no parent', null, []],
    ['a parent', 'f', [entityUid('Workspace', 'f')]],
  ])('of one column: %s', (_, workspace_id, expected) => {
    const folder = Folder({ id: 'x', owner_id: 'ann', workspace_id, tenant_id: null })
    expect(folder.entity.ancestors.uids).toEqual(expected)
  })

  it.each([
    ['none', '[]', []],
    ['several', '["red","blue"]', ['red', 'blue']],
    ['an array', ['red'], ['red']],
    ['the team itself, as paths have it', '["green","red"]', ['red']],
    ['only the team itself', '["green"]', []],
  ])('of a list: %s', (_, path, expected) =>
    expect(Team({ id: 'green', path }).entity.ancestors.uids).toEqual(expected.map((id) => entityUid('Team', id))),
  )
})

describe('a row is refused', () => {
  const { title: _, ...untitled } = row
  const { size: __, ...unsized } = row
  const rows: readonly (readonly [string, unknown, string, string])[] = [
    ['without a column', untitled, 'ERR_POLICY_ROW_COLUMN', 'title'],
    ['without the column of an optional attribute', unsized, 'ERR_POLICY_ROW_COLUMN', 'size'],
    ['without an id', { ...row, id: undefined }, 'ERR_POLICY_ROW_COLUMN', 'id'],
    ['without the column of a parent', { ...row, folder_id: undefined }, 'ERR_POLICY_ROW_COLUMN', 'folder_id'],
    ['with null for a required attribute', { ...row, owner_id: null }, 'ERR_POLICY_ROW_NULL', 'owner_id'],
    ['with null for an id', { ...row, id: null }, 'ERR_POLICY_ROW_NULL', 'id'],
    ['with null for tags', { ...row, tags: null }, 'ERR_POLICY_ROW_NULL', 'tags'],
    ['with a number for an id', { ...row, id: 7 }, 'ERR_POLICY_ROW_VALUE', 'id'],
    ['with a number for a parent', { ...row, folder_id: 7 }, 'ERR_POLICY_ROW_VALUE', 'folder_id'],
    ['with a number for a reference', { ...row, owner_id: 7 }, 'ERR_POLICY_ROW_VALUE', 'owner_id'],
    ['with another number than a bit', { ...row, classified: 2 }, 'ERR_POLICY_ROW_VALUE', 'classified'],
    ['with a Long that lost digits', { ...row, size: 2 ** 53 }, 'ERR_POLICY_ROW_VALUE', 'size'],
    ['with a local time', { ...row, published_at: '2026-03-01 12:00' }, 'ERR_POLICY_ROW_VALUE', 'published_at'],
    ['with text that is no JSON', { ...row, editor_ids: 'ann,bob' }, 'ERR_POLICY_ROW_VALUE', 'editor_ids'],
    ['with a set of something else', { ...row, editor_ids: '[{"id":"ann"}]' }, 'ERR_POLICY_ROW_VALUE', 'editor_ids'],
    ['with tags that are none', { ...row, tags: '[]' }, 'ERR_POLICY_ROW_VALUE', 'tags'],
    ['with a tag of another type', { ...row, tags: '{"colour":"red"}' }, 'ERR_POLICY_ROW_VALUE', 'tags'],
  ]
  it.each(rows)('%s', (_, input, code, column) => {
    const error = errorOf(() => call(Document, input))
    expect(error.code).toBe(code)
    expect(error.message).toContain(`the column \`${column}\` of \`documents\``)
  })

  it('when a list of parents is null, which says nothing', () => {
    expect(errorOf(() => call(Team, { id: 'x', path: null })).code).toBe('ERR_POLICY_ROW_NULL')
  })

  it('when an id is not enumerated', () => {
    const roles = defineSchema({
      entities: {
        Role: { parents: [], attributes: {}, enum: ['admin'] },
        Job: { parents: ['Role'], attributes: { role: { type: 'Entity', name: 'Role' } } },
      },
      actions: {},
    })
    const Job = mapEntity(roles, 'Job', {
      table: 'jobs',
      id: 'id',
      attributes: { role: 'role' },
      parents: { Role: 'in_role' },
    })
    const Role = mapEntity(roles, 'Role', { table: 'roles', id: 'id' })
    expect(Job({ id: 'j', role: 'admin', in_role: 'admin' }).entity.uid.id).toBe('j')
    expect(errorOf(() => Job({ id: 'j', role: 'root', in_role: null })).code).toBe('ERR_POLICY_ROW_VALUE')
    expect(errorOf(() => Job({ id: 'j', role: 'admin', in_role: 'root' })).code).toBe('ERR_POLICY_ROW_VALUE')
    expect(errorOf(() => Role({ id: 'root' })).code).toBe('ERR_POLICY_ROW_VALUE')
  })

  it('without saying its values', () => {
    const error = errorOf(() => call(Document, { ...row, editor_ids: '["ann", {"hunter2": 1}]' }))
    expect(`${error.message} ${error.hint}`).not.toContain('hunter2')
  })
})

describe('mapEntity refuses at run time', () => {
  const full = {
    table: 'documents',
    id: 'id',
    attributes: { owner: 'owner_id', classified: 'classified', title: 'title', editors: 'editor_ids' },
    parents: { Folder: 'folder_id', Workspace: 'workspace_id', Tenant: null },
    tags: 'tags',
  }
  const { tags: _, ...untagged } = full
  const { parents: __, ...orphan } = full
  const rows: readonly (readonly [string, string, object, RegExp])[] = [
    ['an unknown type', 'Documnt', full, /no entity type `Documnt`/],
    ['a type of `Object.prototype`', 'toString', full, /no entity type `toString`/],
    ['a missing attribute', 'Document', { ...full, attributes: {} }, /`owner` has no column/],
    ['an unknown attribute', 'Document', { ...full, attributes: { ...full.attributes, ownr: 'o' } }, /`ownr`/],
    ['missing parents', 'Document', orphan, /`Folder` have no column/],
    [
      'a missing ancestor',
      'Document',
      { ...full, parents: { Folder: 'f', Workspace: 'w' } },
      /`Tenant` have no column/,
    ],
    ['an unknown parent', 'Document', { ...full, parents: { ...full.parents, Team: 't' } }, /`Team`/],
    ['one column for nested parents', 'Team', { table: 't', id: 'id', parents: { Team: 'parent' } }, /all ancestors/],
    ['missing tags', 'Document', untagged, /tags have no column/],
    ['tags of a type without', 'Tenant', { table: 't', id: 'id', tags: 'tags' }, /has no tags/],
  ]
  it.each(rows)('%s', (_, type, options, message) => {
    const error = errorOf(() => callMapEntity(type, options))
    expect(error.code).toBe('ERR_POLICY_MAPPING')
    expect(error.problems.map((problem) => problem.message).join('\n')).toMatch(message)
  })

  it('accepts the same when it is complete', () => {
    expect(callMapEntity('Document', full)).toBeTypeOf('function')
  })

  function callMapEntity(type: string, options: object): unknown {
    const untyped: (schema: SchemaDefinition, type: string, options: never) => unknown = mapEntity
    return untyped(documents, type, options as never)
  }
})

describe('every entity of a mapping', () => {
  const wide = mapEntity(documents, 'Document', {
    table: 'documents',
    id: 'id',
    attributes: {
      owner: 'owner_id',
      classified: 'classified',
      title: 'title',
      editors: 'editors',
      size: 'size',
      published: 'published',
      price: 'price',
      keep: 'keep',
      origin: 'origin',
      meta: 'meta',
    },
    parents: { Folder: 'folder_id', Workspace: null, Tenant: null },
    tags: 'tags',
  })
  const text = fc.string({ unit: 'grapheme' })
  const optional = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values)
  const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  const rows = fc.record({
    id: text,
    owner_id: text,
    classified: fc.constantFrom(0, 1, true, false),
    title: text,
    editors: fc.array(text).map((list) => JSON.stringify(list)),
    size: optional(fc.oneof(long, fc.maxSafeInteger(), long.map(String))),
    published: optional(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })),
    price: optional(fc.integer().map((cents) => `${cents}.50`)),
    keep: optional(fc.nat().map((seconds) => `${seconds}s`)),
    origin: optional(fc.ipV4()),
    meta: optional(fc.record({ pages: fc.maxSafeInteger(), language: optional(text) })),
    folder_id: optional(text),
    tags: fc.dictionary(text, fc.array(text)).map((tags) => JSON.stringify(tags)),
  })

  it('is what the schema requires', () => {
    fc.assert(
      fc.property(rows, (input) => {
        expect(checkEntity(schema, wide(input).entity)).toEqual([])
      }),
    )
  })

  it('is the same for a date, its text and its milliseconds', () => {
    fc.assert(
      fc.property(
        rows,
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }),
        (input, date) => {
          const published = [date, date.toISOString(), date.getTime()].map((form) =>
            wide({ ...input, published: form }).entity.attributes.get('published'),
          )
          expect(published).toEqual(Array.from({ length: 3 }, () => parseDatetime(date.toISOString())))
        },
      ),
    )
  })

  it('has a value where the column has one, and none where it is null', () => {
    const base = { ...row, ...optionalNulls, editors: '[]', folder_id: null }
    const filled = wide({ ...base, size: '5', price: '1.5', meta: { pages: 1 } }).entity.attributes
    expect(filled.get('size')).toBe(5)
    expect(filled.get('price')).toEqual(parseDecimal('1.5'))
    expect(filled.get('meta')).toEqual(recordValue({ pages: 1 }))
    expect([...wide(base).entity.attributes.keys()]).toEqual(['owner', 'classified', 'title', 'editors'])
  })

  const optionalNulls = { size: null, published: null, price: null, keep: null, origin: null, meta: null }
})

describe('broken rows', () => {
  it('give our error or an entity that the schema accepts, never less', () => {
    const columns = ['id', 'owner_id', 'classified', 'title', 'editor_ids', 'size', 'published_at', 'folder_id', 'tags']
    const cell = fc.anything({ withBigInt: true, withDate: true, withMap: true })
    fc.assert(
      fc.property(fc.constantFrom(...columns), cell, (column, input) => {
        try {
          const entity = call(Document, { ...row, [column]: input })
          expect(checkEntity(schema, entity)).toEqual([])
        } catch (error) {
          expect(error).toBeInstanceOf(PolicyError)
        }
      }),
    )
  })
})

describe('definitions of types', () => {
  it('may be wider than a literal: the mapping is checked at run time', () => {
    const definition: EntityTypeDefinition = { parents: [], attributes: { a: { type: 'Long' } } }
    const wide: SchemaDefinition = { entities: { A: definition }, actions: {} }
    expect(errorOf(() => mapEntity(wide, 'A', { table: 'a', id: 'id', attributes: {}, parents: {} })).code).toBe(
      'ERR_POLICY_MAPPING',
    )
  })
})

/** Calls a mapping as JavaScript could. */
function call(mapping: (row: never) => unknown, input: unknown): ReturnType<typeof Document<typeof row>>['entity'] {
  const mapped = mapping(input as never) as ReturnType<typeof Document<typeof row>>
  return mapped.entity
}

function errorOf(run: () => unknown): PolicyError {
  try {
    run()
  } catch (error) {
    if (error instanceof PolicyError) return error
    throw error
  }
  throw new TypeError('nothing was thrown')
}
