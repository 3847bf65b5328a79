// Changing the encryption key: both are given, what is stored is sealed anew, and the old one is of no use any more.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSealer } from '../../src/key/seal.ts'
import { bodyOf, createWorld, type World } from '../fixture.ts'

const OLD = Buffer.alloc(32, 7).toString('base64')
const NEW = Buffer.alloc(32, 8).toString('base64')

let folder: string
let store: string
let world: World | undefined
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cardea-reseal-'))
  store = join(folder, 'authority.sqlite')
  world = await createWorld({ store, key: OLD })
})
afterEach(async () => {
  await world?.authority.close()
  rmSync(folder, { recursive: true })
})

/** The same authority, started with other encryption keys. */
async function restart(keys: { readonly key: string; readonly previousKeys?: string[] }): Promise<World> {
  const { clock, provider } = world ?? {}
  await world?.authority.close()
  world = undefined
  world = await createWorld({
    store,
    ...keys,
    publish: false,
    ...(clock === undefined || provider === undefined ? {} : { clock, provider }),
  })
  return world
}

interface Stored {
  readonly kid: string
  readonly purpose: string
  readonly sealed: string
}

async function stored(): Promise<Stored[]> {
  const { clock, provider } = world as World
  await world?.authority.close()
  const database = new DatabaseSync(store)
  const rows = database.prepare('SELECT kid, purpose, sealed FROM keys').all() as unknown as Stored[]
  database.close()
  world = await createWorld({ store, key: NEW, publish: false, clock, provider })
  return rows
}

test('is two starts and a command, and the old key opens nothing afterwards', async () => {
  const moving = await restart({ key: NEW, previousKeys: [OLD] })
  // those that are made meanwhile are sealed with the new one
  await moving.authority.service.rotateKeys('access', { now: true })
  const answer = await moving.api('admin', 'POST', '/v1/keys/reseal', {})
  expect(await bodyOf(answer)).toEqual({ resealed: 6 })
  expect(await bodyOf(await moving.api('admin', 'POST', '/v1/keys/reseal', {}))).toEqual({ resealed: 0 })
  expect((await moving.exchange()).status).toBe(200)
  const [before, after] = [createSealer(OLD), createSealer(NEW)]
  const rows = await stored()
  expect(rows).toHaveLength(7)
  for (const { kid, purpose, sealed } of rows) {
    const context = `cardea key ${purpose} ${kid}`
    expect(JSON.parse(after.open(sealed, context))).toMatchObject({ kid })
    expect(() => before.open(sealed, context)).toThrow(expect.objectContaining({ code: 'ERR_AUTHORITY_KEY_SEALED' }))
  }
})

test('a start without the old key is refused until then', async () => {
  await expect(restart({ key: NEW })).rejects.toMatchObject({ code: 'ERR_AUTHORITY_KEY_SEALED' })
  await restart({ key: NEW, previousKeys: [OLD] })
  await expect(restart({ key: NEW })).rejects.toMatchObject({ code: 'ERR_AUTHORITY_KEY_SEALED' })
})

test('a pending key that does not open is found at the start, and not when it has to sign', async () => {
  const moving = await restart({ key: NEW, previousKeys: [OLD] })
  await moving.authority.close()
  world = undefined
  const database = new DatabaseSync(store)
  database.exec("UPDATE keys SET sealed = 'AAAA' WHERE purpose = 'access' AND state = 'pending'")
  database.close()
  await expect(restart({ key: NEW, previousKeys: [OLD] })).rejects.toMatchObject({ code: 'ERR_AUTHORITY_KEY_SEALED' })
})

test('an old key that never signs again and does not open keeps nobody from it', async () => {
  await world?.authority.service.rotateKeys('access', { now: true })
  await world?.authority.close()
  world = undefined
  const database = new DatabaseSync(store)
  database.exec("UPDATE keys SET sealed = 'AAAA' WHERE state = 'retiring'")
  database.close()
  const moving = await restart({ key: NEW, previousKeys: [OLD] })
  expect(await bodyOf(await moving.api('admin', 'POST', '/v1/keys/reseal', {}))).toEqual({ resealed: 6 })
})

test('an earlier key of another form is refused at the start', async () => {
  const refused = createWorld({ key: NEW, previousKeys: ['short'] })
  await expect(refused).rejects.toMatchObject({
    code: 'ERR_AUTHORITY_CONFIG',
    message: expect.stringContaining('previousKeys.0'),
  })
  await expect(refused).rejects.not.toThrow(/short/)
})
