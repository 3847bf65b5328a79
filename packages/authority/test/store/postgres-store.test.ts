// The PostgreSQL store: the contract, and what only several authorities on one database have.

import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../../tools/postgres.ts'
import { createPostgresStore } from '../../src/store/postgres/postgres-store.ts'
import type { Change } from '../../src/store/records.ts'
import type { Store } from '../../src/store/store.ts'
import { describeAudit } from './audit-contract.ts'
import { describeStore, NOW } from './contract.ts'

let server: PostgresServer
const failures: unknown[] = []
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server.remove(), 60_000)

const openIn = (schema: string): Promise<Store> =>
  createPostgresStore({
    url: server.url,
    schema,
    now: () => NOW,
    newEpoch: () => randomUUID(),
    failed: (error) => failures.push(error),
  })
/** One of the stores in turn. */
function inTurn(stores: readonly Store[], at: number): Store {
  const store = stores[at % stores.length]
  if (store === undefined) throw new Error('no store')
  return store
}
const newSchema = (): string => `test_${randomUUID().slice(0, 8)}`

const schemas = new WeakMap<Store, string>()
describeStore('PostgreSQL', {
  open: async () => {
    const schema = newSchema()
    const store = await openIn(schema)
    schemas.set(store, schema)
    return store
  },
  reopen: async (closed) => openIn(schemas.get(closed) ?? ''),
})

describeAudit('PostgreSQL', () => openIn(newSchema()))

const revocation = (sid: string): Change => ({
  kind: 'revocation',
  key: { kind: 'session', sid },
  revokedAtSeconds: NOW,
  expiresAtSeconds: NOW + 360,
})

describe('several authorities on one PostgreSQL', () => {
  test('give out numbers without gaps, and each hears all changes in order', async () => {
    const schema = newSchema()
    const stores = await Promise.all([openIn(schema), openIn(schema), openIn(schema)])
    const heard = stores.map((store) => {
      const seqs: number[] = []
      store.onChange(({ seq }) => seqs.push(seq))
      return seqs
    })
    const positions = await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        inTurn(stores, at).write((transaction) => transaction.append(revocation(String(at)))),
      ),
    )
    const expected = Array.from({ length: 60 }, (_, at) => at + 1)
    expect(positions.map(({ seq }) => seq).toSorted((left, right) => left - right)).toEqual(expected)
    const last = await stores[0]?.read((view) => view.position())
    if (last === undefined) throw new Error('no position')
    await Promise.all(stores.map((store) => store.hear(last)))
    for (const seqs of heard) expect(seqs).toEqual(expected)
    await Promise.all(stores.map((store) => store.close()))
  })

  test('hear of a change that another made without being asked', async () => {
    const schema = newSchema()
    const [one, other] = [await openIn(schema), await openIn(schema)]
    const hearing = new Promise<number>((resolve) => other.onChange(({ seq }) => resolve(seq)))
    await one.write((transaction) => transaction.append(revocation('a')))
    expect(await hearing).toBe(1)
    await Promise.all([one.close(), other.close()])
  })

  test('write one after the other: what one checks and then changes, nobody changes in between', async () => {
    const schema = newSchema()
    const stores = [await openIn(schema), await openIn(schema)]
    const client = {
      id: 'once',
      secretHash: undefined,
      hasKeys: false,
      certificate: undefined,
      certificateBound: false,
      exchanges: [],
      roles: [],
      audiences: [],
      tenants: [],
      templates: [],
      refresh: undefined,
    }
    const tries = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        inTurn(stores, at).write(async (transaction) => {
          if ((await transaction.client('once')) !== undefined) return false
          await transaction.insertClient(client)
          return true
        }),
      ),
    )
    expect(tries.filter((won) => won)).toHaveLength(1)
    await Promise.all(stores.map((store) => store.close()))
  })

  test('begin a new epoch together: the numbers begin anew, and the others hear what comes in it', async () => {
    const schema = newSchema()
    const [one, other] = [await openIn(schema), await openIn(schema)]
    await one.write((transaction) => transaction.append(revocation('a')))
    const begun = await one.write((transaction) => transaction.beginEpoch())
    const after = await one.write((transaction) => transaction.append(revocation('b')))
    expect(after).toEqual({ epoch: begun.epoch, seq: 1 })
    const heard: unknown[] = []
    other.onChange((change, position) => heard.push([change.seq, position.epoch]))
    await other.hear(after)
    const next = await one.write((transaction) => transaction.append(revocation('c')))
    await other.hear(next)
    expect(heard.at(-1)).toEqual([2, begun.epoch])
    await Promise.all([one.close(), other.close()])
  })

  test('that start on an empty database at the same time make it once', async () => {
    const schema = newSchema()
    const stores = await Promise.all(Array.from({ length: 4 }, () => openIn(schema)))
    const epochs = await Promise.all(stores.map((store) => store.read(async (view) => (await view.position()).epoch)))
    expect(new Set(epochs).size).toBe(1)
    await Promise.all(stores.map((store) => store.close()))
  })
})

describe('a PostgreSQL database', () => {
  test('orders texts by code point and keeps numbers beyond 32 bits', async () => {
    const store = await openIn(newSchema())
    const client = {
      secretHash: undefined,
      hasKeys: false,
      certificate: undefined,
      certificateBound: false,
      exchanges: [],
      roles: [],
      audiences: [],
      tenants: [],
      templates: [],
      refresh: undefined,
    }
    await store.write(async (transaction) => {
      for (const id of ['b', 'B', 'a', '_', 'é']) await transaction.insertClient({ ...client, id })
      await transaction.append({ ...revocation('far'), expiresAtSeconds: 2 ** 52 } as Change)
    })
    const [ids, revocations] = await store.read(
      async (view) => [(await view.clients()).map(({ id }) => id), await view.revocations(NOW)] as const,
    )
    expect(ids).toEqual(['B', '_', 'a', 'b', 'é'])
    expect(revocations[0]?.expiresAtSeconds).toBe(2 ** 52)
    await store.close()
  })

  test('refuses a text with U+0000 by a code, and goes on', async () => {
    const store = await openIn(newSchema())
    const client = {
      id: 'a\0b',
      secretHash: undefined,
      hasKeys: false,
      certificate: undefined,
      certificateBound: false,
      exchanges: [],
      roles: [],
      audiences: [],
      tenants: [],
      templates: [],
      refresh: undefined,
    }
    const writing = store.write((transaction) => transaction.insertClient(client))
    await expect(writing).rejects.toMatchObject({ code: 'ERR_AUTHORITY_REQUEST' })
    expect(await store.read((view) => view.clients())).toEqual([])
    await store.close()
  })

  test('refuses a statement without a word of its values', async () => {
    const store = await openIn(newSchema())
    const ann = { id: 'ann', issuer: 'https://idp.example', tenant: 'acme', subject: 'a-private-subject' }
    const twice = store.write(async (transaction) => {
      await transaction.insertPrincipal(ann)
      await transaction.insertPrincipal({ ...ann, id: 'other' })
    })
    const error: unknown = await twice.catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'ERR_AUTHORITY_INTERNAL', message: expect.stringContaining('23505') })
    const lines: string[] = []
    pino({}, { write: (line: string) => void lines.push(line) }).error({ err: error }, 'failed')
    expect(lines.join()).toContain('23505')
    expect(lines.join()).not.toContain('a-private-subject')
    await store.close()
  })

  test('that is not there is unavailable, and says nothing of the password', async () => {
    const url = 'postgres://cardea:a-secret@127.0.0.1:1/postgres'
    const opening = createPostgresStore({ url, schema: 's', now: () => NOW, newEpoch: () => '', failed: () => {} })
    await expect(opening).rejects.toMatchObject({ code: 'ERR_AUTHORITY_STORE_UNAVAILABLE' })
    await expect(opening).rejects.not.toThrow(/a-secret/)
  })

  test('in a schema with an odd name is refused', async () => {
    await expect(openIn('a; drop')).rejects.toMatchObject({ code: 'ERR_AUTHORITY_CONFIG' })
  })
})

describe('a PostgreSQL that does not keep what it acknowledges', () => {
  test('is refused at start', async () => {
    const careless = await startPostgres(['fsync=off'])
    try {
      const opening = createPostgresStore({
        url: careless.url,
        schema: 's',
        now: () => NOW,
        newEpoch: () => '',
        failed: () => {},
      })
      await expect(opening).rejects.toMatchObject({ code: 'ERR_AUTHORITY_STORE_UNSAFE' })
    } finally {
      await careless.remove()
    }
  }, 60_000)
})
