// POST /v1/break-glass: who may, what it may say, and that no statement leaves before its record is kept.

import { sign, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openBreakGlass, verifyAudit } from '@cardea/feed'
import { createLocalKeys, generateSigningKey, publicJwk } from '@cardea/token'
import { afterEach, describe, expect, test } from 'vitest'
import type { ExternalSigner, SignRequest } from '../../src/index.ts'
import { bodyOf, createWorld, DOCS, ISSUER, MAIL, NOW, type SECRETS, type World } from '../fixture.ts'

const REQUEST = { audience: DOCS, forSeconds: 7200, maxStaleSeconds: 3600, reason: 'the data centre burns' }

const open: World[] = []
async function start(options: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const world = await createWorld(options)
  open.push(world)
  return world
}
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ authority }) => authority.close()))
})

const ask = (world: World, changes: object = {}, client: keyof typeof SECRETS = 'admin'): Promise<Response> =>
  world.api(client, 'POST', '/v1/break-glass', { ...REQUEST, ...changes })

const keysOf = ({ authority }: World) => createLocalKeys(authority.bundleKeys())

async function recordsOf(world: World): Promise<readonly Record<string, unknown>[]> {
  const { records } = (await (await world.api('auditor', 'GET', '/v1/log')).json()) as { records: [] }
  return records
}

async function* linesOf(text: string): AsyncGenerator {
  for (const line of text.trim().split('\n')) yield JSON.parse(line)
}

describe('a statement', () => {
  test('says what was asked for, signed by the active key of bundles', async () => {
    const world = await start()
    const response = await ask(world, { actions: ['edit'], clients: ['docs'] })
    expect(response.status).toBe(201)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const body = await bodyOf(response)
    expect(body).toMatchObject({
      audience: DOCS,
      maxStaleSeconds: 3600,
      actions: ['edit'],
      clients: ['docs'],
      from: '2027-01-15T08:00:00.000Z',
      until: '2027-01-15T10:00:00.000Z',
    })
    expect(await openBreakGlass(String(body['statement']), keysOf(world))).toEqual({
      jti: body['id'],
      iss: ISSUER,
      aud: DOCS,
      epoch: expect.stringMatching(/^[\w-]+$/),
      iat: NOW,
      exp: NOW + 7200,
      maxStaleSeconds: 3600,
      actions: ['edit'],
      clients: ['docs'],
      killed: [],
    })
  })

  test('is for all actions and guards when none are named', async () => {
    const world = await start()
    const { signed, statement } = await world.authority.service.breakGlass(REQUEST)
    expect(await openBreakGlass(signed, keysOf(world))).toEqual(statement)
    expect(Object.keys(statement)).not.toContain('actions')
    expect(Object.keys(statement)).not.toContain('clients')
  })

  test('names the keys of tokens that were killed, and no other keys', async () => {
    const world = await start()
    const { active = '' } = await world.authority.service.rotateKeys('access', { now: true })
    await world.authority.service.rotateKeys('bundle')
    await world.authority.service.revoke({ kind: 'key', kid: active })
    expect((await world.authority.service.breakGlass(REQUEST)).statement.killed).toEqual([active])
  })
})

describe('is refused', () => {
  const refused: readonly [string, object, number, string][] = [
    ['for more than a day', { forSeconds: 86_401 }, 422, 'ERR_AUTHORITY_BREAK_GLASS'],
    ['for no time', { forSeconds: 0 }, 422, 'ERR_AUTHORITY_BREAK_GLASS'],
    ['for news of more than a day', { maxStaleSeconds: 86_401 }, 422, 'ERR_AUTHORITY_BREAK_GLASS'],
    ['without a bound', { maxStaleSeconds: undefined }, 422, 'ERR_AUTHORITY_BREAK_GLASS'],
    ['without a reason', { reason: undefined }, 422, 'ERR_AUTHORITY_BREAK_GLASS'],
    ['with an empty reason', { reason: '  ' }, 422, 'ERR_AUTHORITY_BREAK_GLASS'],
    ['with an endless reason', { reason: 'a'.repeat(501) }, 422, 'ERR_AUTHORITY_BREAK_GLASS'],
    ['with a reason that a terminal obeys', { reason: 'a\u001b[2J' }, 422, 'ERR_AUTHORITY_BREAK_GLASS'],
    ['with an empty list of actions', { actions: [] }, 422, 'ERR_AUTHORITY_BREAK_GLASS'],
    ['for an action that is not there', { actions: ['edit', 'fly'] }, 422, 'ERR_AUTHORITY_BREAK_GLASS'],
    ['for a guard that is not there', { clients: ['nobody'] }, 422, 'ERR_AUTHORITY_BREAK_GLASS'],
    ['for a client that is no guard', { clients: ['backend'] }, 422, 'ERR_AUTHORITY_BREAK_GLASS'],
    ['for a guard of another audience', { clients: ['mail'] }, 422, 'ERR_AUTHORITY_BREAK_GLASS'],
    ['with a member more', { tenants: ['acme'] }, 422, 'ERR_AUTHORITY_BREAK_GLASS'],
    ['for an audience that is not there', { audience: 'https://x.example' }, 404, 'ERR_AUTHORITY_AUDIENCE_UNKNOWN'],
  ]
  test('what it may not say, without a record of a statement', async () => {
    const world = await start()
    for (const [name, changes, status, code] of refused) {
      const response = await ask(world, changes)
      const body = await bodyOf(response)
      expect({ name, status: response.status, code: body['code'] }).toEqual({ name, status, code })
      expect(JSON.stringify(body)).not.toContain('eyJ')
    }
    expect((await recordsOf(world)).filter(({ statement }) => statement !== undefined)).toEqual([])
  })

  test.each(['docs', 'sharing', 'auditor', 'backend'] as const)('%s, who is no administrator', async (client) => {
    const world = await start()
    const response = await ask(world, {}, client)
    expect([response.status, (await bodyOf(response))['code']]).toEqual([403, 'ERR_AUTHORITY_FORBIDDEN'])
    expect((await recordsOf(world)).filter(({ action }) => action === 'breakGlass')).toMatchObject([
      { decision: 'deny', principal: `Client::"${client}"` },
    ])
  })

  test('nobody at all', async () => {
    const world = await start()
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify(REQUEST)
    const { app } = world.authority
    expect((await app.request(`${ISSUER}/v1/break-glass`, { method: 'POST', headers, body })).status).toBe(401)
  })
})

describe('the audit', () => {
  test('has who wanted it, why, and what was signed, and is whole', async () => {
    const world = await start()
    const { id } = await bodyOf(await ask(world))
    const records = (await recordsOf(world)).filter(({ action }) => action === 'breakGlass')
    const made = records.find(({ breakGlass }) => breakGlass === id)
    expect(made).toMatchObject({
      decision: 'allow',
      reason: 'permit',
      sender: 'authority',
      principal: 'Client::"admin"',
      policies: ['admin-manages'],
      resource: `Audience::"${DOCS}"`,
      note: REQUEST.reason,
      statement: { jti: id, aud: DOCS, exp: NOW + 7200, maxStaleSeconds: 3600 },
    })
    // the decision that allowed it
    expect(records.filter(({ correlation }) => correlation === made?.['correlation'])).toHaveLength(2)
    await world.authority.service.keepHouse()
    const exported = await (await world.api('auditor', 'GET', '/v1/audit')).text()
    const { keys } = (await (await world.authority.app.request(`${ISSUER}/v1/audit-keys`)).json()) as { keys: [] }
    const report = await verifyAudit(linesOf(exported), {
      keys: createLocalKeys({ keys }),
      issuer: ISSUER,
      now: () => NOW,
    })
    expect(report.findings).toEqual([])
  })

  test('has a local one too, of nobody in particular', async () => {
    const world = await start()
    const { statement } = await world.authority.service.breakGlass({ ...REQUEST, audience: MAIL })
    const made = (await recordsOf(world)).find(({ breakGlass }) => breakGlass === statement.jti)
    expect(made).toMatchObject({ action: 'breakGlass', note: REQUEST.reason, resource: `Audience::"${MAIL}"` })
    expect(made).not.toHaveProperty('principal')
  })

  test('that cannot be written keeps the statement back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cardea-glass-'))
    const store = join(folder, 'authority.sqlite')
    await (await createWorld({ store })).authority.close()
    const database = new DatabaseSync(store)
    database.exec(`CREATE TRIGGER full BEFORE INSERT ON decisions WHEN NEW.action = 'breakGlass'
      BEGIN SELECT RAISE(ABORT, 'full'); END`)
    database.close()
    const world = await start({ store })
    const response = await ask(world)
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('eyJ')
    await expect(world.authority.service.breakGlass(REQUEST)).rejects.toThrow()
    await Promise.all(open.splice(0).map(({ authority }) => authority.close()))
    rmSync(folder, { recursive: true })
  })
})

describe('a signer outside', () => {
  const keys = new Map<string, KeyObject>()
  let isAway = false
  const signer: ExternalSigner = {
    async createKey({ algorithm }) {
      const key = await generateSigningKey(algorithm)
      keys.set(key.kid, key.privateKey)
      return { reference: key.kid, publicJwk: publicJwk(key) }
    },
    async sign({ reference, input }: SignRequest) {
      const key = keys.get(reference)
      if (isAway || key === undefined) throw new Error('no such key')
      return sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' })
    },
  }

  test('signs it; away, there is none and no record of one', async () => {
    const world = await start({ signer })
    const admin = await world.own('admin')
    const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json' }
    const post = () =>
      world.authority.app.request(`${ISSUER}/v1/break-glass`, {
        method: 'POST',
        headers,
        body: JSON.stringify(REQUEST),
      })
    const { statement } = await bodyOf(await post())
    expect(await openBreakGlass(String(statement), keysOf(world))).toMatchObject({ aud: DOCS })
    isAway = true
    const refused = await post()
    expect([refused.status, (await bodyOf(refused))['code']]).toEqual([503, 'ERR_AUTHORITY_SIGNER'])
    isAway = false
    expect((await recordsOf(world)).filter((record) => record['statement'] !== undefined)).toHaveLength(1)
  })
})
