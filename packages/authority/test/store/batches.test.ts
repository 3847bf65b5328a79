// Writes that wait together share a transaction, and each hears of its own end after the commit.

import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type Transaction,
} from 'kysely'
import { expect, test } from 'vitest'
import { type BatchesOptions, createBatches } from '../../src/store/postgres/batches.ts'
import type { StoreTransaction } from '../../src/store/store.ts'
import type { Tables } from '../../src/store/tables.ts'

const said: string[] = []
const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (of) => new PostgresIntrospector(of),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
  log: ({ query }) => void said.push(query.sql),
}) as unknown as Transaction<Tables>

/** What happens, in order; a write numbers one change. */
function recording(changes: Partial<BatchesOptions> = {}) {
  const events: string[] = []
  said.length = 0
  const batches = createBatches({
    async transact(run) {
      events.push('begin')
      await run(db)
      events.push('commit')
    },
    createTransaction: (_, appended) =>
      ({ append: async () => appended({ seq: 1, change: { kind: 'keys' } }) }) as unknown as StoreTransaction,
    announce: async () => void events.push('announce'),
    committed: async () => void events.push('committed'),
    ...changes,
  })
  const write = (name: string, fails = false): Promise<string> =>
    batches
      .write(async (transaction) => {
        events.push(name)
        await transaction.append({ kind: 'keys' })
        if (fails) throw new Error(name)
        return name
      })
      .then(
        (value) => (events.push(`heard ${value}`), value),
        (error: unknown) => (events.push(`failed ${name}`), String(error)),
      )
  return { events, write }
}

test('writes of one moment share a commit, and hear after it', async () => {
  const { events, write } = recording()
  expect(await Promise.all([write('a'), write('b'), write('c')])).toEqual(['a', 'b', 'c'])
  expect(events).toEqual(['begin', 'a', 'b', 'c', 'announce', 'commit', 'committed', 'heard a', 'heard b', 'heard c'])
})

test('one that fails is undone alone, and what it numbered with it', async () => {
  const { events, write } = recording()
  expect(await Promise.all([write('a'), write('b', true)])).toEqual(['a', 'Error: b'])
  expect(events).toContain('announce')
  expect(said).toEqual(['SAVEPOINT one', 'RELEASE SAVEPOINT one', 'SAVEPOINT one', 'ROLLBACK TO SAVEPOINT one'])
  const none = recording()
  expect(await Promise.all([none.write('a', true), none.write('b', true)])).toEqual(['Error: a', 'Error: b'])
  expect(none.events).not.toContain('announce')
  expect(none.events).not.toContain('committed')
})

test('one alone has no savepoint, and takes its transaction with it', async () => {
  const { events, write } = recording()
  expect(await write('a', true)).toBe('Error: a')
  expect([events, said]).toEqual([['begin', 'a', 'failed a'], []])
})

test('a commit that fails is told to all, and what comes later is done', async () => {
  let isBroken = true
  const { events, write } = recording({
    async transact(run) {
      await run(db)
      if (isBroken) throw new Error('the connection broke')
    },
  })
  const broken = 'Error: the connection broke'
  expect(await Promise.all([write('a'), write('b')])).toEqual([broken, broken])
  expect(events).not.toContain('committed')
  isBroken = false
  expect(await write('c')).toBe('c')
})

test('a batch has an end, so that nobody waits for ever', async () => {
  const { events, write } = recording()
  await Promise.all(Array.from({ length: 100 }, (_, index) => write(`${index}`)))
  expect(events.filter((event) => event === 'commit')).toHaveLength(2)
})
