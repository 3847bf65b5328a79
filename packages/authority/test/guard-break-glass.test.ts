// Break-glass from end to end: an authority that is down, a guard whose news grow old, a statement that is made beside the database and
// put into a file, and the log that names it afterwards.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Auth, createGuard, type DecisionEvent, type Guard, mapEntity } from '@cardea/guard'
import { createLocalKeys } from '@cardea/token'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Authority, createAuthority } from '../src/index.ts'
import {
  bodyOf,
  createWorld,
  DOCS,
  ISSUER,
  POLICIES,
  postForm,
  SCHEMA,
  SCHEMA_OBJECT as schema,
  SECRETS,
  type World,
} from './fixture.ts'

const SENSITIVE = SCHEMA.replace('action view, edit', '@sensitive action view, edit')
const Document = mapEntity(schema, 'Document', {
  table: 'documents',
  id: 'id',
  attributes: { tenant: 'tenant', owner: 'owner' },
  parents: { Folder: 'folder' },
})
const plan = Document({ id: 'plan', tenant: 'acme', owner: 'bob', folder: null })

let folder: string
let file: string
let world: World
/** What answers at the authority's address; `undefined` while it is down. */
let running: Authority | undefined
/** Whether the guard cannot reach what answers. */
let isCut: boolean
let guard: Guard<typeof schema>
let events: DecisionEvent[]
let looks: (() => void)[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cardea-glass-'))
  file = join(folder, 'break-glass.jws')
  world = await createWorld({ store: join(folder, 'authority.sqlite'), publish: false })
  running = world.authority
  const policies = [{ file: 'policies.cedar', text: POLICIES }]
  await running.service.publish({ schema: { file: 'schema.cedarschema', text: SENSITIVE }, policies })
  await running.service.grant({
    tenant: 'acme',
    grantee: 'User::"ann"',
    template: 'editor',
    resource: 'Document::"plan"',
  })
  isCut = false
  events = []
  looks = []
  guard = await createGuard({
    schema,
    authority: ISSUER,
    audience: DOCS,
    client: { id: 'docs', secret: SECRETS.docs },
    bundleKeys: createLocalKeys(running.bundleKeys()),
    breakGlassFile: file,
    now: () => world.clock.seconds,
    fetch: async (input, init) => {
      if (isCut || running === undefined) throw new TypeError('the authority is down')
      return running.app.request(input instanceof URL ? input.href : input, init)
    },
    schedule(delay, callback) {
      if (delay === 1000) looks.push(callback)
      return () => {}
    },
    onDecision: (event) => events.push(event),
    log: { info: () => {}, warn: () => {}, error: () => {} },
  })
})
afterEach(async () => {
  await guard.close()
  await running?.close()
  rmSync(folder, { recursive: true })
})

async function stop(): Promise<void> {
  const stopped = running
  running = undefined
  await stopped?.close()
}

/** What `cardea break-glass --local` does, with what else is done while the database is open. */
async function makeLocally(forSeconds: number, before: (authority: Authority) => Promise<unknown> = async () => {}) {
  const local = await createAuthority(world.options)
  try {
    await before(local)
    const request = { audience: DOCS, forSeconds, maxStaleSeconds: 3600, reason: 'the data centre burns' }
    return await local.service.breakGlass(request)
  } finally {
    await local.close()
  }
}

/** Puts the statement where the guard looks, and lets a second pass. */
async function put(signed: string, id: string): Promise<void> {
  writeFileSync(file, `${signed}\n`, { mode: 0o644 })
  looks.splice(0).forEach((look) => look())
  await expect.poll(() => guard.state().breakGlass?.id).toBe(id)
}

const token = async (): Promise<string> => String((await bodyOf(await world.exchange()))['access_token'])
const enter = (text: string): Promise<Auth<typeof schema>> =>
  guard.authenticate({ method: 'GET', url: '/documents/plan', headers: { authorization: `Bearer ${text}` } })

test('a sensitive action goes on while the authority is down, for as long as was said, and the log names it', async () => {
  const text = await token()
  expect((await enter(text)).authorize('edit', plan).id).toBe('plan')
  await stop()
  world.clock.seconds += 60
  expect((await enter(text)).decide('edit', plan)).toMatchObject({ decision: 'deny', reason: 'stale' })

  const { signed, statement } = await makeLocally(100)
  await put(signed, statement.jti)
  const auth = await enter(text)
  expect(auth.authorize('edit', plan).id).toBe('plan')
  expect(events.map(({ reason, breakGlass }) => [reason, breakGlass])).toEqual([
    ['permit', undefined],
    ['stale', undefined],
    ['permit', statement.jti],
  ])

  world.clock.seconds += 100
  expect((await enter(text)).decide('edit', plan)).toMatchObject({ decision: 'deny', reason: 'stale' })
  expect(guard.state().breakGlass).toBeUndefined()

  running = await createAuthority(world.options)
  await guard.close()
  const own = await bodyOf(await postForm(running, '/token', 'admin', { grant_type: 'client_credentials' }))
  const headers = { authorization: `Bearer ${String(own['access_token'])}` }
  const log = await running.app.request(`${ISSUER}/v1/log`, { headers })
  const { records } = (await log.json()) as { readonly records: readonly Record<string, unknown>[] }
  const named = records.filter(({ breakGlass }) => breakGlass === statement.jti)
  expect(named).toHaveLength(2)
  expect(named).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ action: 'breakGlass', sender: 'authority', note: 'the data centre burns', statement }),
      expect.objectContaining({ action: 'edit', sender: 'docs', decision: 'allow', principal: 'User::"ann"' }),
    ]),
  )
})

test('a key that was killed while the guard heard nothing is refused by what the statement says', async () => {
  const text = await token()
  await stop()
  world.clock.seconds += 60
  const first = await makeLocally(100)
  await put(first.signed, first.statement.jti)
  expect((await enter(text)).can('edit', plan)).toBe(true)

  const { kid } = JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString())
  const second = await makeLocally(100, (local) => local.service.revoke({ kind: 'key', kid }))
  expect(second.statement.killed).toEqual([kid])
  await put(second.signed, second.statement.jti)
  await expect(enter(text)).rejects.toMatchObject({ status: 401, reason: 'revoked' })
})

test('where the guard alone is cut off, callers with new tokens go on too', async () => {
  const before = await token()
  expect((await enter(before)).can('edit', plan)).toBe(true)
  isCut = true
  world.clock.seconds += 600
  const grant = { tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource: 'Document::"other"' }
  await world.authority.service.grant(grant)
  // a sign-in that the provider has made since
  const subject = await world.provider.idToken({ nonce: 'again' })
  const text = String((await bodyOf(await world.exchange({ subject_token: subject })))['access_token'])
  await expect(enter(text)).rejects.toMatchObject({ status: 503, reason: 'stale' })

  const request = { audience: DOCS, forSeconds: 600, maxStaleSeconds: 3600, reason: 'a fibre was cut' }
  const { signed, statement } = await world.authority.service.breakGlass(request)
  await put(signed, statement.jti)
  expect((await enter(text)).authorize('edit', plan).id).toBe('plan')
  expect(events.at(-1)).toMatchObject({ decision: 'allow', breakGlass: statement.jti })
  await expect(enter(before)).rejects.toMatchObject({ status: 401, reason: 'expired' })
})

test('a restore begins a new epoch, for which no statement from before counts', async () => {
  await stop()
  const { signed, statement } = await makeLocally(100)
  expect(statement.epoch).toBe(guard.state().position?.epoch)
  running = await createAuthority({ ...world.options, restored: true })
  await expect.poll(() => guard.state().position?.epoch, { timeout: 10_000 }).not.toBe(statement.epoch)
  writeFileSync(file, signed, { mode: 0o644 })
  looks.splice(0).forEach((look) => look())
  await expect.poll(() => looks.length).toBe(1)
  expect(guard.state().breakGlass).toBeUndefined()
})
