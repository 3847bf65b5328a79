// The text of a filter: what it looks like, that nothing of a request or a row is ever in it, and that databases can use it.

import { describe, expect, test } from 'vitest'
import { entityUid } from '@cardea/policy'
import { sqlOf } from '../src/sql-of.ts'
import { documentMapping, mapped, openDatabase, programOf, residualOf, selectIds, sqlText } from './documents.ts'
import type { DocumentRow } from './documents.ts'

const HOSTILE = ["x' or 1=1 --", 'x"; drop table documents; --', '?', '*/ union select 1 /*', 'a\0b', '\\']

function textOf(text: string, forbidErrors: 'deny' | 'skip' = 'deny'): string {
  return sqlOf({ mapping: documentMapping, residual: residualOf({ program: programOf(text, forbidErrors) }) }).sql
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
    const { sql, parameters } = sqlText(residualOf({ program, principal }))
    expect(sql).toBe('"documents"."owner_id" = ? collate binary')
    expect(parameters).toEqual([id])
    using database = openDatabase([{ id: 'mine', owner_id: id }, { id: 'other' }])
    expect(selectIds(database, { sql, parameters })).toEqual(['mine'])
  })

  test('a column and a table are quoted', () => {
    const column = 'own"er) or 1=1 --'
    const definition = { ...mapped, table: 'docu"ments', attributes: { owner: column } }
    const program = programOf('permit(principal, action, resource) when { resource.owner == principal };')
    const { sql } = sqlOf({ mapping: { ...documentMapping, definition }, residual: residualOf({ program }) })
    expect(sql).toBe('"docu""ments"."own""er) or 1=1 --" = ? collate binary')
  })

  test('an unpaired surrogate, which a driver would change, is refused', () => {
    const program = programOf('permit(principal, action, resource) when { resource.owner == principal };')
    const residual = residualOf({ program, principal: entityUid('User', '\ud800') })
    expect(() => sqlText(residual)).toThrowError(expect.objectContaining({ code: 'ERR_DATA_TEXT' }))
  })
})

describe('rows that are no valid entities', () => {
  // deciding refuses them: a required attribute is missing, or a Bool is neither true nor false
  const invalid: readonly (readonly [string, { readonly [C in keyof DocumentRow]?: unknown }, string])[] = [
    ['a missing team', { team_id: null }, 'resource.team != Team::"red" || resource.shared'],
    ['a missing team, negated', { team_id: null }, '!(resource.team == Team::"red" && !resource.shared)'],
    ['a Bool that is none', { shared: 2 }, 'resource.shared || true'],
    ['a Bool that is none, negated', { shared: 2 }, '!resource.shared || resource.level == 1'],
  ]
  test.each(invalid)('%s', (_, columns, condition) => {
    using database = openDatabase([{ id: 'bad', shared: 1 }])
    for (const [column, value] of Object.entries(columns)) {
      database.prepare(`update documents set ${column} = ?`).run(value === null ? null : Number(value))
    }
    const permit = programOf(`permit(principal, action, resource) when { ${condition} };`)
    expect(selectIds(database, sqlText(residualOf({ program: permit })))).toEqual([])
    const forbid = programOf(
      `permit(principal, action, resource); forbid(principal, action, resource) unless { ${condition} };`,
    )
    expect(selectIds(database, sqlText(residualOf({ program: forbid })))).toEqual([])
  })
})

describe('what databases make of it', () => {
  test('an index on the owner is used', () => {
    using database = openDatabase([])
    database.exec('create index by_team on documents (team_id)')
    const program = programOf('permit(principal, action, resource) when { principal in resource.team };')
    const { sql, parameters } = sqlText(residualOf({ program }))
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
    const text = sqlText(residualOf({ program, links }))
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
    expect(selectIds(database, sqlText(residualOf({ program: programOf(policies.join('\n')) })))).toEqual(['last'])
  })

  test('more than a query can hold is refused', () => {
    const policies = Array.from(
      { length: 2001 },
      (_, index) => `permit(principal, action, resource) when { resource.title like "a${index}*" };`,
    )
    const residual = residualOf({ program: programOf(policies.join('\n')) })
    expect(() => sqlText(residual)).toThrowError(expect.objectContaining({ code: 'ERR_DATA_SIZE' }))
  })
})
