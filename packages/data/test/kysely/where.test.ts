// Filters in Kysely queries on a real database.

import type { Filter } from '@cardea/policy/mapping'
import { Kysely, SqliteDialect } from 'kysely'
import { afterAll, describe, expect, test } from 'vitest'
import { nodeSqlite } from '../../src/kysely/node-sqlite.ts'
import { where } from '../../src/kysely/where.ts'
import { filterOf, openDatabase, programOf } from '../documents.ts'
import type { DocumentRow } from '../documents.ts'

interface Tables {
  readonly documents: DocumentRow
}

const db = new Kysely<Tables>({
  dialect: new SqliteDialect({
    database: nodeSqlite(
      openDatabase([
        { id: 'mine', owner_id: 'ann' },
        { id: 'shared', owner_id: 'bob', shared: 1 },
        { id: 'theirs', owner_id: 'bob' },
      ]),
    ),
  }),
})
afterAll(() => db.destroy())

const OWNED_OR_SHARED = `
  permit(principal, action, resource) when { resource.owner == principal };
  permit(principal, action, resource) when { resource.shared };`

function filterOn(text: string): Filter {
  return filterOf({ program: programOf(text) })
}

describe('where', () => {
  test('asks for the allowed rows', async () => {
    const query = db
      .selectFrom('documents')
      .select('id')
      .where(where(filterOn(OWNED_OR_SHARED)))
      .orderBy('id')
    expect(query.compile().sql).toBe(
      'select "id" from "documents" where ("documents"."owner_id" = ? collate binary or "documents"."shared" = 1) order by "id"',
    )
    expect(query.compile().parameters).toEqual(['ann'])
    expect(await query.execute()).toEqual([{ id: 'mine' }, { id: 'shared' }])
  })

  test('joins other conditions as one', async () => {
    const filter = filterOn(OWNED_OR_SHARED)
    const both = db.selectFrom('documents').select('id').where('id', '!=', 'mine').where(where(filter))
    expect(await both.execute()).toEqual([{ id: 'shared' }])
    const none = db
      .selectFrom('documents')
      .select('id')
      .where((eb) => eb.and([eb('id', '=', 'theirs'), where(filter)()]))
    expect(await none.execute()).toEqual([])
  })

  test('names the alias of the table', async () => {
    const query = db
      .selectFrom('documents as d')
      .innerJoin('documents as o', 'o.id', 'd.id')
      .select('d.id')
      .where(where(filterOn(OWNED_OR_SHARED), { as: 'd' }))
      .orderBy('d.id')
    expect(await query.execute()).toEqual([{ id: 'mine' }, { id: 'shared' }])
  })

  test('a filter that allows nothing answers nothing, one that allows all answers all', async () => {
    const nothing = db
      .selectFrom('documents')
      .select('id')
      .where(where(filterOn('permit(principal, action, resource is Folder);')))
    expect(await nothing.execute()).toEqual([])
    const all = db
      .selectFrom('documents')
      .select('id')
      .where(where(filterOn('permit(principal, action, resource);')))
    expect(await all.execute()).toHaveLength(3)
  })

  test('limits what is updated and deleted', async () => {
    const mine = where(filterOn('permit(principal, action, resource) when { resource.owner == principal };'))
    const updated = await db.updateTable('documents').set({ level: 9 }).where(mine).executeTakeFirst()
    expect(updated.numUpdatedRows).toBe(1n)
    const left = await db.selectFrom('documents').select('id').where('level', '=', 9).execute()
    expect(left).toEqual([{ id: 'mine' }])
  })

  test('what has no exact query throws when the query is built', () => {
    const filter = filterOn('permit(principal, action, resource) when { resource.owner.level == 1 };')
    expect(() => where(filter)).toThrowError(expect.objectContaining({ code: 'ERR_DATA_REACHED' }))
  })
})
