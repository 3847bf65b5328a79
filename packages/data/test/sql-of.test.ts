// The text of a filter: what it looks like, that nothing of a request or a row is ever in it, and that databases can use it.

import { describe, expect, test } from 'vitest'
import { entityUid, residual, unknownEntity } from '@cardea/policy'
import { createFilter, mapEntity } from '@cardea/policy/mapping'
import { sqlOf } from '../src/sql-of.ts'
import {
  ann,
  context,
  definition,
  Document,
  filterOf,
  openDatabase,
  people,
  programOf,
  selectIds,
} from './documents.ts'

const HOSTILE = ["x' or 1=1 --", 'x"; drop table documents; --', '?', '*/ union select 1 /*', 'a\0b', '\\']

function textOf(text: string, forbidErrors: 'deny' | 'skip' = 'deny'): string {
  return sqlOf(filterOf({ program: programOf(text, forbidErrors) })).sql
}

describe('the text', () => {
  test.each([
    ['nothing is permitted', 'permit(principal, action, resource is Folder);', '1 = 0'],
    ['all is permitted', 'permit(principal, action, resource);', '1 = 1'],
    [
      'owners',
      'permit(principal, action, resource) when { resource.owner == principal };',
      '"documents"."owner_id" = ? collate binary',
    ],
    [
      'two permits',
      'permit(principal, action, resource) when { resource.owner == principal }; permit(principal, action, resource) when { resource.shared };',
      '"documents"."owner_id" = ? collate binary or "documents"."shared" = 1',
    ],
    [
      'a forbid is passed where it is certainly false',
      'permit(principal, action, resource); forbid(principal, action, resource) when { resource.hidden };',
      '"documents"."hidden" = 0',
    ],
    [
      'an unless on required columns names what it relies on',
      `permit(principal, action, resource) when { resource.owner == principal };
       forbid(principal, action, resource) unless { resource.team == Team::"red" || resource.shared };`,
      '"documents"."team_id" is not null and ("documents"."team_id" = ? collate binary or "documents"."shared" = 1) and "documents"."owner_id" = ? collate binary',
    ],
    [
      'an optional left side counts only where it did not err',
      'permit(principal, action, resource) when { resource.hidden || resource.shared };',
      '"documents"."hidden" = 1 or ("documents"."hidden" = 0 and "documents"."shared" = 1)',
    ],
  ])('%s', (_, text, sql) => {
    expect(textOf(text)).toBe(sql)
  })

  test('under `skip` a forbid is passed where it is not certainly true', () => {
    const text = 'permit(principal, action, resource); forbid(principal, action, resource) when { resource.hidden };'
    expect(textOf(text, 'skip')).toBe('("documents"."hidden" = 1) is not true')
  })
})

describe('hostile values and names', () => {
  test.each(HOSTILE)('an id: %j', (id) => {
    const program = programOf('permit(principal, action, resource) when { resource.owner == principal };')
    const principal = entityUid('User', id)
    const { sql, parameters } = sqlOf(filterOf({ program, principal }))
    expect(sql).toBe('"documents"."owner_id" = ? collate binary')
    expect(parameters).toEqual([id])
    using database = openDatabase([{ id: 'mine', owner_id: id }, { id: 'other' }])
    expect(selectIds(database, { sql, parameters })).toEqual(['mine'])
  })

  test('a column and a table are quoted', () => {
    const column = 'own"er) or 1=1 --'
    const Folder = mapEntity(definition, 'Folder', { table: 'fol"ders', id: column })
    const program = programOf('permit(principal, action, resource == Folder::"f");')
    const request = {
      principal: ann,
      action: entityUid('Action', 'view'),
      resource: unknownEntity('Folder'),
      context,
      entities: people,
    }
    const { sql } = sqlOf(createFilter(Folder, residual(program, request), 'view'))
    expect(sql).toBe('"fol""ders"."own""er) or 1=1 --" = ? collate binary')
  })

  test('an unpaired surrogate, which a driver would change, is refused', () => {
    const program = programOf('permit(principal, action, resource) when { resource.owner == principal };')
    const filter = filterOf({ program, principal: entityUid('User', '\ud800') })
    expect(() => sqlOf(filter)).toThrowError(expect.objectContaining({ code: 'ERR_DATA_TEXT' }))
  })
})

describe('rows that are no valid entities', () => {
  const invalid = [
    ['a missing team', 'team_id', null, 'resource.team != Team::"red" || resource.shared'],
    ['a missing team, negated', 'team_id', null, '!(resource.team == Team::"red" && !resource.shared)'],
    ['a Bool that is none', 'shared', 2, 'resource.shared || true'],
    ['a Bool that is none, negated', 'shared', 2, '!resource.shared || resource.level == 1'],
    ['a Bool that is none, before what follows', 'shared', 2, '(resource.shared || true) && resource.level == 1'],
    ['a list that is no JSON', 'labels', '["a"', '!resource.labels.contains("b")'],
    ['a list that is no list', 'labels', '{"x":"a"}', 'resource.labels.contains("a") || resource.level == 1'],
    ['a list that is a text', 'labels', '"a"', 'resource.labels.contains("a")'],
    ['a missing list', 'labels', null, 'resource.labels.isEmpty() || resource.level == 1'],
    ['missing shelves', 'shelf_ids', null, '!(resource in Shelf::"a")'],
    ['an instant that is none', 'made', 'soon', 'resource.made < context.now || resource.level == 1'],
  ] as const
  test.each(invalid)('%s', (_, column, value, condition) => {
    using database = openDatabase([{ id: 'bad', shared: 1 }])
    database.prepare(`update documents set ${column} = ?`).run(value)
    const row = database.prepare('select * from documents').get()
    expect(() => Reflect.apply(Document, undefined, [row])).toThrowError(
      expect.objectContaining({ name: 'PolicyError' }),
    )
    const permit = programOf(`permit(principal, action, resource) when { ${condition} };`)
    expect(selectIds(database, sqlOf(filterOf({ program: permit })))).toEqual([])
    const forbid = programOf(
      `permit(principal, action, resource); forbid(principal, action, resource) unless { ${condition} };`,
    )
    expect(selectIds(database, sqlOf(filterOf({ program: forbid })))).toEqual([])
  })
})

describe('what databases make of it', () => {
  test('an index on the owner is used', () => {
    using database = openDatabase([])
    database.exec('create index by_team on documents (team_id)')
    const program = programOf('permit(principal, action, resource) when { principal in resource.team };')
    const { sql, parameters } = sqlOf(filterOf({ program }))
    const plan = database.prepare(`explain query plan select * from documents where ${sql}`).all(...parameters)
    expect(plan.map(({ detail }) => detail)).toEqual(['SEARCH documents USING INDEX by_team (team_id=?)'])
  })

  test('ten thousand grants are one parameter', () => {
    const program = programOf('@id("viewer") permit(principal == ?principal, action, resource == ?resource);')
    const ids = Array.from({ length: 10_000 }, (_, index) => `d${index}`)
    const links = ids.map((id) => ({
      id,
      template: 'viewer',
      principal: entityUid('User', 'ann'),
      resource: entityUid('Document', id),
    }))
    const text = sqlOf(filterOf({ program, links }))
    expect(text.parameters).toHaveLength(1)
    using database = openDatabase([{ id: 'd9999' }, { id: 'D1' }, { id: 'd10000' }])
    expect(selectIds(database, text)).toEqual(['d9999'])
  })

  test('a thousand conditions are not too deep for SQLite', () => {
    const conditions = Array.from({ length: 1500 }, (_, index) => `resource.title like "a${index}*"`)
    const policies = conditions.map((condition) => `permit(principal, action, resource) when { ${condition} };`)
    using database = openDatabase([
      { id: 'last', title: 'a1499 ' },
      { id: 'none', title: 'b' },
    ])
    expect(selectIds(database, sqlOf(filterOf({ program: programOf(policies.join('\n')) })))).toEqual(['last'])
  })

  test('a chain of conditions costs no stack', () => {
    const chain = Array.from({ length: 900 }, (_, index) => `resource.note == "a${index}"`).join(' || ')
    const program = programOf(`permit(principal, action, resource) when { resource has note && (${chain}) };`)
    using database = openDatabase([{ id: 'last', note: 'a899' }, { id: 'none', note: 'b' }, { id: 'null' }])
    expect(selectIds(database, sqlOf(filterOf({ program })))).toEqual(['last'])
  })

  test('more than a query can hold is refused', () => {
    const policies = Array.from(
      { length: 2001 },
      (_, index) => `permit(principal, action, resource) when { resource.title like "a${index}*" };`,
    )
    const filter = filterOf({ program: programOf(policies.join('\n')) })
    expect(() => sqlOf(filter)).toThrowError(expect.objectContaining({ code: 'ERR_DATA_SIZE' }))
  })
})
