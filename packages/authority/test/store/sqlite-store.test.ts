// The SQLite store: the contract in memory and in a file, and what only a file has.

import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import { createSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeAudit } from './audit-contract.ts'
import { describeStore, NOW } from './contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'cardea-store-'))
afterAll(() => rmSync(folder, { recursive: true }))

const openAt = (path: string): Store => createSqliteStore({ path, now: () => NOW, newEpoch: () => randomUUID() })

describeStore('SQLite in memory', { open: async () => openAt(':memory:') })

const paths = new WeakMap<Store, string>()
describeStore('SQLite in a file', {
  open: async () => {
    const path = join(folder, randomUUID())
    const store = openAt(path)
    paths.set(store, path)
    return store
  },
  reopen: async (closed) => openAt(paths.get(closed) ?? ''),
})

describeAudit('SQLite', async () => openAt(join(folder, randomUUID())))

describe('a SQLite file', () => {
  test('has one owner at a time, and a new one when it is closed', async () => {
    const path = join(folder, 'locked')
    const store = openAt(path)
    expect(() => openAt(path)).toThrow(expect.objectContaining({ code: 'ERR_AUTHORITY_STORE_LOCKED' }))
    await store.write((transaction) => transaction.append({ kind: 'keys' }))
    await store.close()
    const next = openAt(path)
    expect(await next.read((view) => view.position())).toMatchObject({ seq: 1 })
    await next.close()
  })

  test('of a newer version is refused and left alone', async () => {
    const path = join(folder, 'newer')
    const database = new DatabaseSync(path)
    database.exec('PRAGMA user_version = 1000')
    database.close()
    expect(() => openAt(path)).toThrow(expect.objectContaining({ code: 'ERR_AUTHORITY_STORE_NEWER' }))
    const again = new DatabaseSync(path)
    expect(again.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables']).toBe(0)
    again.close()
  })

  test('is synced on commit and checks its references', async () => {
    const store = openAt(join(folder, 'durable'))
    const orphan = store.write((transaction) =>
      transaction.insertSession({
        sid: 's',
        origin: 'o',
        clientId: 'c',
        tenant: 't',
        principal: 'nobody',
        acr: undefined,
        amr: undefined,
        authTime: undefined,
        keyThumbprint: undefined,
        certificateThumbprint: undefined,
        endsAtSeconds: NOW,
        endedAtSeconds: undefined,
        provided: undefined,
      }),
    )
    await expect(orphan).rejects.toThrow(/FOREIGN KEY/)
    await store.close()
  })
})
