// The authority with a real guard at its side, over sockets: what was granted is allowed, what was taken back is denied within
// moments, and a policy, a key and a record travel without a restart.

import { type Auth, createGuard, DeniedError, type Guard, mapEntity } from '@cardea/guard'
import { createLocalKeys } from '@cardea/token'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  bodyOf,
  createWorld,
  DOCS,
  keySetOf,
  POLICIES,
  SCHEMA_OBJECT as schema,
  SECRETS,
  sources,
  type World,
} from './fixture.ts'

const PORT = 18_322
const ISSUER = `http://127.0.0.1:${PORT}`

const Document = mapEntity(schema, 'Document', {
  table: 'documents',
  id: 'id',
  attributes: { tenant: 'tenant', owner: 'owner' },
  parents: { Folder: 'folder' },
})
const plan = Document({ id: 'plan', tenant: 'acme', owner: 'bob', folder: null })

let world: World
let guard: Guard<typeof schema>
beforeAll(async () => {
  const clock = {
    get seconds(): number {
      return Math.floor(Date.now() / 1000)
    },
    set seconds(_: number) {
      throw new Error('this clock is the real one')
    },
  }
  world = await createWorld({ issuer: ISSUER, clock })
  await world.authority.listen({ port: PORT })
  guard = await createGuard({
    schema,
    authority: ISSUER,
    audience: DOCS,
    client: { id: 'docs', secret: SECRETS.docs },
    bundleKeys: createLocalKeys(world.authority.bundleKeys()),
    development: false,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  })
})
afterAll(async () => {
  await guard.close()
  await world.authority.close()
})

let signIns = 0
async function token(): Promise<string> {
  signIns += 1
  const response = await world.exchange({ subject_token: await world.provider.idToken({ nonce: String(signIns) }) })
  return String((await bodyOf(response))['access_token'])
}

async function auth(text: string): Promise<Auth<typeof schema>> {
  return guard.authenticate({ method: 'GET', url: '/documents/plan', headers: { authorization: `Bearer ${text}` } })
}

/** How long until it holds; a change travels by the stream, so the wait is short and ends with the news. */
async function until(holds: () => Promise<boolean>): Promise<number> {
  const started = performance.now()
  while (!(await holds())) {
    if (performance.now() - started > 5000) throw new Error('it did not happen')
    await wait(2)
  }
  return performance.now() - started
}

const grant = { tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource: 'Document::"plan"' }

describe('a guard that follows the authority', () => {
  test('allows what is granted, and denies it within moments when it is taken back', async () => {
    const before = await auth(await token())
    expect(before.can('view', plan)).toBe(false)
    const { id } = await world.authority.service.grant(grant)
    const text = await token()
    expect((await auth(text)).authorize('view', plan).id).toBe('plan')
    expect((await auth(text)).can('edit', plan)).toBe(false)
    await world.authority.service.removeGrant(id)
    const milliseconds = await until(async () => !(await auth(text)).can('view', plan))
    expect(milliseconds).toBeLessThan(500)
    await world.authority.service.grant(grant)
    expect((await auth(await token())).can('view', plan)).toBe(true)
    // a token from before the new grant does not get it back
    expect((await auth(text)).can('view', plan)).toBe(false)
  })

  test('refuses a session that was revoked, while its stream is told', async () => {
    const text = await token()
    const session = await auth(text)
    const { sid } = JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString())
    const told = new Promise<void>((resolve) => session.signal.addEventListener('abort', () => resolve()))
    await world.authority.service.revoke({ kind: 'session', sid })
    await told
    await expect(auth(text)).rejects.toBeInstanceOf(DeniedError)
    await expect(auth(text)).rejects.toMatchObject({ status: 401, reason: 'revoked' })
  })

  test('follows a rotation and a kill of the key', async () => {
    const old = await token()
    await world.authority.service.rotateKeys('access', { now: true })
    const fresh = await token()
    await auth(old)
    await auth(fresh)
    const { kid } = JSON.parse(Buffer.from(fresh.split('.')[0] ?? '', 'base64url').toString())
    await world.authority.service.revoke({ kind: 'key', kid })
    await until(async () =>
      auth(fresh).then(
        () => false,
        () => true,
      ),
    )
    await auth(await token())
  })

  test('is not locked out when the key that signed its own token is killed', async () => {
    const { keys } = await keySetOf(world)
    for (const { kid } of keys) await world.authority.service.revoke({ kind: 'key', kid: String(kid) })
    // its stream ends with its token, within a second
    await wait(1500)
    // it can only hear of these with another one
    await world.authority.service.rotateKeys('access', { now: true })
    await world.authority.service.rotateKeys('access', { now: true })
    const text = await token()
    await until(async () =>
      auth(text).then(
        () => true,
        () => false,
      ),
    )
    const { sid } = JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString())
    await world.authority.service.revoke({ kind: 'session', sid })
    await until(async () => (await auth(text).catch((error: DeniedError) => error.reason)) === 'revoked')
  })

  test('follows a new policy without a restart, and keeps the old one when the new one is broken', async () => {
    const text = await token()
    expect((await auth(text)).can('edit', plan)).toBe(false)
    const open = '@id("everybody") permit (principal, action, resource);'
    await world.authority.service.publish({
      ...sources,
      policies: [{ file: 'policies.cedar', text: `${POLICIES}${open}` }],
    })
    await until(async () =>
      auth(text).then(
        (one) => one.can('edit', plan),
        () => false,
      ),
    )
    const broken = world.authority.service.publish({ ...sources, policies: [{ file: 'p.cedar', text: 'permit' }] })
    await expect(broken).rejects.toMatchObject({ code: 'ERR_AUTHORITY_POLICY_PROBLEMS' })
    expect((await auth(text)).can('edit', plan)).toBe(true)
    await world.authority.service.publish(sources)
    await until(async () =>
      auth(text).then(
        (one) => !one.can('edit', plan),
        () => false,
      ),
    )
  })

  test('sends its decisions, and the authority shows them under its name', async () => {
    const caller = await auth(await token())
    expect(() => caller.authorize('edit', plan)).toThrow(DeniedError)
    await until(async () => {
      const log = await bodyOf(await world.api('auditor', 'GET', '/v1/log?denied=true'))
      const records = log['records'] as Record<string, unknown>[]
      return records.some(({ sender, correlation }) => sender === 'docs' && correlation === caller.correlation)
    })
  }, 15_000)
})
