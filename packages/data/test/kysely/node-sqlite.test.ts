// Node's SQLite behind the interface that Kysely wants.

import { DatabaseSync } from 'node:sqlite'
import { Kysely, sql, SqliteDialect } from 'kysely'
import { describe, expect, test } from 'vitest'
import { nodeSqlite } from '../../src/kysely/node-sqlite.ts'

function open(): Kysely<{
  readonly t: { readonly id: number; readonly value: number | bigint | string | null | Uint8Array }
}> {
  const database = new DatabaseSync(':memory:')
  database.exec('create table t (id integer primary key, value)')
  return new Kysely({ dialect: new SqliteDialect({ database: nodeSqlite(database) }) })
}

describe('nodeSqlite', () => {
  test.each([
    ['a number', 7],
    ['the largest safe integer', Number.MAX_SAFE_INTEGER],
    ['a Long beyond it', 9_007_199_254_740_993n],
    ['the largest Long', 9_223_372_036_854_775_807n],
    ['the smallest Long', -9_223_372_036_854_775_808n],
    ['a float', 1.5],
    ['text', 'é\0😀'],
    ['null', null],
    ['bytes', new Uint8Array([0, 255])],
  ])('keeps %s', async (_, value) => {
    await using db = open()
    await db.insertInto('t').values({ id: 1, value }).execute()
    expect(await db.selectFrom('t').select('value').execute()).toEqual([{ value }])
  })

  test('tells what a statement changed', async () => {
    await using db = open()
    const inserted = await db
      .insertInto('t')
      .values([
        { id: 1, value: 1 },
        { id: 2, value: 1 },
      ])
      .executeTakeFirst()
    expect(inserted).toMatchObject({ insertId: 2n, numInsertedOrUpdatedRows: 2n })
    const returned = await db.updateTable('t').set({ value: 2 }).returning('id').execute()
    expect(returned).toEqual([{ id: 1 }, { id: 2 }])
  })

  test('streams', async () => {
    await using db = open()
    await db
      .insertInto('t')
      .values([
        { id: 1, value: 3n },
        { id: 2, value: 2n ** 60n },
      ])
      .execute()
    const values: unknown[] = []
    for await (const { value } of db.selectFrom('t').select('value').orderBy('id').stream()) values.push(value)
    expect(values).toEqual([3, 2n ** 60n])
  })

  test('rolls back what failed', async () => {
    await using db = open()
    const failing = db.transaction().execute(async (transaction) => {
      await transaction.insertInto('t').values({ id: 1, value: 1 }).execute()
      await transaction.insertInto('t').values({ id: 1, value: 1 }).execute()
    })
    await expect(failing).rejects.toThrowError(/UNIQUE/)
    expect(await db.selectFrom('t').selectAll().execute()).toEqual([])
  })

  test('a boolean is 0 or 1', async () => {
    await using db = open()
    const { rows } = await sql`select ${true} as yes, ${false} as no`.execute(db)
    expect(rows).toEqual([{ yes: 1, no: 0 }])
  })

  test.each([[undefined], [new Date(0)], [Symbol('s')], [{}]])(
    'refuses what SQLite does not have: %s',
    async (value) => {
      await using db = open()
      await expect(sql`select ${value} as it`.execute(db)).rejects.toThrowError(TypeError)
    },
  )
})
