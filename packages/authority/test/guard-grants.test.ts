// The authority with a real guard at its side, over sockets, and a person who has more grants than a token holds: allowed, listed
// and taken back as if the token held them; and what a guard says while the authority cannot be asked.

import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { type Auth, createGuard, type Guard, mapEntity } from '@cardea/guard'
import { defineSchema } from '@cardea/policy'
import { createLocalKeys } from '@cardea/token'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bodyOf, createWorld, DOCS, SECRETS, type World } from './fixture.ts'

const PORT = 18_323
const ISSUER = `http://127.0.0.1:${PORT}`
const MANY = 300

const schema = defineSchema({
  entities: {
    Tenant: { parents: [], attributes: {} },
    Team: { parents: [], attributes: {} },
    Role: { parents: [], attributes: {}, enum: ['admin', 'auditor'] },
    User: {
      parents: ['Team', 'Role'],
      attributes: { tenant: { type: 'Entity', name: 'Tenant' }, clearance: { type: 'Long', optional: true } },
    },
    Folder: { parents: [], attributes: {} },
    Document: {
      parents: ['Folder'],
      attributes: { tenant: { type: 'Entity', name: 'Tenant' }, owner: { type: 'Entity', name: 'User' } },
    },
  },
  actions: {
    view: {
      uid: { type: 'Action', id: 'view' },
      memberOf: [],
      principals: ['User'],
      resources: ['Document'],
      context: {},
    },
  },
})

const Document = mapEntity(schema, 'Document', {
  table: 'documents',
  id: 'id',
  attributes: { tenant: 'tenant', owner: 'owner' },
  parents: { Folder: 'folder' },
})
const row = (id: string) => ({ id, tenant: 'acme', owner: 'bob', folder: null })

const ids = Array.from({ length: MANY }, () => randomUUID())
const made: string[] = []
let world: World
let guard: Guard<typeof schema>
/** Bodies of what the guard asked for sets; and whether that is answered. */
const presented: string[] = []
let isReachable = true

beforeAll(async () => {
  const clock = {
    get seconds(): number {
      return Math.floor(Date.now() / 1000)
    },
    set seconds(_: number) {
      throw new Error('this clock is the real one')
    },
  }
  world = await createWorld({
    issuer: ISSUER,
    clock,
    audiences: [{ id: DOCS, maxTokenBytes: 2048 }, { id: 'https://mail.example' }],
  })
  for (const id of ids) {
    const resource = `Document::"${id}"`
    const grant = { tenant: 'acme', grantee: 'Team::"blue"', template: 'viewer', resource }
    made.push((await world.authority.service.grant(grant)).id)
  }
  await world.authority.listen({ port: PORT })
  guard = await newGuard()
}, 60_000)
afterAll(async () => {
  await guard.close()
  await world.authority.close()
})

async function newGuard(): Promise<Guard<typeof schema>> {
  return createGuard({
    schema,
    authority: ISSUER,
    audience: DOCS,
    client: { id: 'docs', secret: SECRETS.docs },
    bundleKeys: createLocalKeys(world.authority.bundleKeys()),
    development: false,
    fetch: async (input, init) => {
      if (String(input instanceof Request ? input.url : input).endsWith('/v1/grant-sets')) {
        if (!isReachable) throw new TypeError('fetch failed')
        presented.push(typeof init?.body === 'string' ? init.body : '')
      }
      return fetch(input, init)
    },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  })
}

let signIns = 0
async function token(): Promise<string> {
  signIns += 1
  const response = await world.exchange({ subject_token: await world.provider.idToken({ nonce: String(signIns) }) })
  return String((await bodyOf(response))['access_token'])
}

async function auth(text: string, by = guard): Promise<Auth<typeof schema>> {
  return by.authenticate({ method: 'GET', url: '/documents', headers: { authorization: `Bearer ${text}` } })
}

function claimsOf(text: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString())
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const started = performance.now()
  while (!(await holds())) {
    if (performance.now() - started > 5000) throw new Error('it did not happen')
    await wait(2)
  }
}

describe('a guard that meets a token which names its grants', () => {
  test('fetches them once for all requests at once, and decides and lists by them', async () => {
    const text = await token()
    expect(claimsOf(text)).not.toHaveProperty('grants')
    expect(text.length).toBeLessThan(2048)
    presented.length = 0
    const entered = await Promise.all(Array.from({ length: 20 }, () => auth(text)))
    expect(presented).toEqual([JSON.stringify({ token: text })])
    const rows = [...ids, 'another'].map(row)
    for (const one of entered) expect(one.select('view', Document, rows).map(({ id }) => id)).toEqual(ids)
    expect(entered[0]?.can('view', Document(row('another')))).toBe(false)
    // the next token of the same grants, after a refresh, asks for nothing
    const next = await token()
    expect(claimsOf(next)['grants_ref']).toBe(claimsOf(text)['grants_ref'])
    expect((await auth(next)).can('view', Document(row(ids[0] ?? '')))).toBe(true)
    expect(presented).toHaveLength(1)
  })

  test('denies one that is taken back, at once, and no other', async () => {
    const text = await token()
    const [first = '', second = ''] = ids
    expect((await auth(text)).can('view', Document(row(first)))).toBe(true)
    await world.authority.service.removeGrant(made[0] ?? '')
    await until(async () => !(await auth(text)).can('view', Document(row(first))))
    expect((await auth(text)).can('view', Document(row(second)))).toBe(true)
    const grant = { tenant: 'acme', grantee: 'Team::"blue"', template: 'viewer', resource: `Document::"${first}"` }
    await world.authority.service.grant(grant)
    expect((await auth(await token())).can('view', Document(row(first)))).toBe(true)
    // a token from before does not get it back, though both name the same set
    expect((await auth(text)).can('view', Document(row(first)))).toBe(false)
  })

  test('answers 503 while they cannot be had, lets in whom it knows, and records it', async () => {
    const known = await token()
    await auth(known)
    isReachable = false
    const fresh = await newGuard()
    try {
      await expect(auth(known, fresh)).rejects.toMatchObject({ status: 503, reason: 'unavailable' })
      expect((await auth(known)).can('view', Document(row(ids[5] ?? '')))).toBe(true)
      isReachable = true
      await until(async () =>
        auth(known, fresh).then(
          (one) => one.can('view', Document(row(ids[5] ?? ''))),
          () => false,
        ),
      )
    } finally {
      isReachable = true
      await fresh.close()
    }
    const log = await bodyOf(await world.api('auditor', 'GET', '/v1/log?denied=true&limit=100'))
    const records = log['records'] as Record<string, unknown>[]
    expect(records).toContainEqual(
      expect.objectContaining({ sender: 'docs', reason: 'unavailable', tokenId: claimsOf(known)['jti'] }),
    )
  }, 15_000)

  test('refuses a session that was revoked, and asks nothing for it', async () => {
    const text = await token()
    await auth(text)
    await world.authority.service.revoke({ kind: 'session', sid: String(claimsOf(text)['sid']) })
    await until(async () => (await auth(text).catch(({ reason }) => reason)) === 'revoked')
    const fresh = await newGuard()
    presented.length = 0
    await expect(auth(text, fresh)).rejects.toMatchObject({ status: 401, reason: 'revoked' })
    expect(presented).toEqual([])
    await fresh.close()
  })
})
