// Grants that do not fit into a token: what is issued then, for how long it is kept, and who gets it by presenting what.

import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { openGrantSet } from '@cardea/claims'
import { entityUid } from '@cardea/policy'
import { createLocalKeys, createVerifier, generateSigningKey, issueToken, type TokenClaims } from '@cardea/token'
import { pino } from 'pino'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { redaction } from '../../src/log.ts'
import { loadGrantSet } from '../../src/endpoint/grant-sets/load-grant-set.ts'
import type { GrantSetRecord } from '../../src/store/records.ts'
import type { StoreView } from '../../src/store/store.ts'
import { createSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import {
  ACCESS_TOKEN,
  basic,
  bodyOf,
  createWorld,
  DOCS,
  EXCHANGE,
  ID_TOKEN,
  ISSUER,
  keySetOf,
  MAIL,
  NOW,
  SECRETS,
  sources,
  type World,
  type WorldOptions,
} from '../fixture.ts'

const KEY = randomBytes(32).toString('base64url')
const BUDGET = 1200
/** They weigh more than the budget. */
const MANY = 40

const folder = mkdtempSync(join(tmpdir(), 'cardea-grant-sets-'))
afterAll(() => rmSync(folder, { recursive: true }))

const worlds: World[] = []
let world: World
beforeEach(async () => {
  world = await another()
})
afterEach(async () => {
  await Promise.all(worlds.splice(0).map(({ authority }) => authority.close()))
})

async function another(options: WorldOptions = {}): Promise<World> {
  const { clients = [] } = options
  const made = await createWorld({
    ...options,
    audiences: options.audiences ?? [
      { id: DOCS, maxTokenBytes: BUDGET },
      { id: MAIL, maxTokenBytes: BUDGET, tokenSeconds: 60 },
    ],
    clients: [
      { id: 'web-server', secret: SECRETS['web-server'], audiences: [DOCS, MAIL] },
      { id: 'backend', secret: SECRETS.backend, audiences: [DOCS], session: true },
      { id: 'docs', secret: SECRETS.docs, roles: ['guard'], audiences: [DOCS], exchanges: [{ from: DOCS, to: MAIL }] },
      { id: 'mail', secret: SECRETS.mail, roles: ['guard'], audiences: [MAIL] },
      {
        id: 'sharing',
        secret: SECRETS.sharing,
        roles: ['granter'],
        audiences: [DOCS],
        tenants: ['*'],
        templates: ['*'],
      },
      { id: 'admin', secret: SECRETS.admin, roles: ['admin'], audiences: [DOCS] },
      { id: 'auditor', secret: SECRETS.auditor, roles: ['auditor'], audiences: [DOCS] },
      ...clients,
    ],
  })
  worlds.push(made)
  return made
}

async function grantMany(count = MANY, grantee = 'User::"ann"'): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID())
  for (const id of ids) await grantOne(id, grantee)
  return ids
}

async function grantOne(id: string, grantee = 'User::"ann"'): Promise<{ readonly id: string }> {
  const resource = `Document::"${id}"`
  return world.authority.service.grant({ tenant: 'acme', grantee, template: 'viewer', resource })
}

async function textOf(response: Response | Promise<Response>): Promise<string> {
  const { access_token: text } = await bodyOf((await response).clone())
  expect(text).toEqual(expect.any(String))
  return String(text)
}

async function claimsOf(text: string, audience = DOCS): Promise<TokenClaims> {
  const keys = createLocalKeys(await keySetOf(world))
  const verifier = createVerifier({ issuer: ISSUER, audience, keys, now: () => world.clock.seconds })
  return (await verifier.verify(text)).claims
}

/** Of the grants that the token names. */
async function digestOf(token: string, audience = DOCS): Promise<string> {
  const { grants_ref: digest } = await claimsOf(token, audience)
  if (typeof digest !== 'string') throw new TypeError('the token names no grants')
  return digest
}

async function present(token: unknown, client: keyof typeof SECRETS = 'docs'): Promise<Response> {
  return world.api(client, 'POST', '/v1/grant-sets', { token })
}

/** Ids of the documents in the set that the token names, as its guard gets it. */
async function documentsOf(token: string, client: keyof typeof SECRETS = 'docs', audience = DOCS): Promise<string[]> {
  const response = await present(token, client)
  expect(response.status).toBe(200)
  return openGrantSet(await response.text(), await digestOf(token, audience)).grants.map(({ resource }) => resource.id)
}

/** The answer is that of something that was never there. */
async function expectNothing(response: Response): Promise<void> {
  expect(response.status).toBe(404)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const { correlation, ...body } = await bodyOf(response)
  expect(correlation).toEqual(expect.any(String))
  expect(body).toEqual({ type: 'about:blank', title: 'not found', status: 404, code: 'ERR_AUTHORITY_NOT_FOUND' })
}

describe('a token whose grants do not fit', () => {
  test('names them, and its guard gets them, not to be kept on the way', async () => {
    const ids = await grantMany()
    const token = await textOf(world.exchange())
    expect(token.length).toBeLessThanOrEqual(BUDGET)
    const claims = await claimsOf(token)
    expect(claims).not.toHaveProperty('grants')
    const response = await present(token)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('content-type')).toBe('application/json')
    const set = openGrantSet(await response.text(), await digestOf(token))
    const principal = entityUid('User', 'ann')
    expect(set).toMatchObject({ issuer: ISSUER, audience: DOCS, tenant: 'acme', principal })
    expect(set.grants.map(({ resource }) => resource.id)).toEqual(ids.toSorted())
  })

  test('is one for which they just do not fit', async () => {
    await grantOne(randomUUID())
    expect(await claimsOf(await textOf(world.exchange()))).toHaveProperty('grants')
    let count = 1
    let claims: TokenClaims
    do {
      await grantOne(randomUUID())
      count += 1
      claims = await claimsOf(await textOf(world.exchange()))
    } while (claims['grants_ref'] === undefined && count < MANY)
    expect(claims).not.toHaveProperty('grants')
    expect(count).toBeGreaterThan(5)
  })

  test('says the same when it is refreshed or passed on, with the grants of now', async () => {
    const ids = await grantMany()
    const idToken = await world.provider.idToken({ aud: 'backend' })
    const form = { grant_type: EXCHANGE, subject_token: idToken, subject_token_type: ID_TOKEN, audience: DOCS }
    const signedIn = await bodyOf(await world.token('backend', form))
    expect(await documentsOf(String(signedIn['access_token']))).toEqual(ids.toSorted())
    await grantOne('another')
    const refreshToken = String(signedIn['refresh_token'])
    const refreshed = await world.token('backend', { grant_type: 'refresh_token', refresh_token: refreshToken })
    expect(await documentsOf(await textOf(refreshed))).toEqual([...ids, 'another'].toSorted())
    const passed = await textOf(
      world.token('docs', {
        grant_type: EXCHANGE,
        subject_token: await textOf(world.exchange()),
        subject_token_type: ACCESS_TOKEN,
        audience: MAIL,
      }),
    )
    expect(await documentsOf(passed, 'mail', MAIL)).toEqual([...ids, 'another'].toSorted())
    await expectNothing(await present(passed, 'docs'))
  })

  test("names them when it is a client's own", async () => {
    const sync = { id: 'sync', secret: 'the secret of what synchronises', audiences: [DOCS], tenants: ['acme'] }
    world = await another({ clients: [sync], publish: false })
    const schema =
      'entity Client; entity User; entity Document; action view appliesTo { principal: [User, Client], resource: [Document] };'
    const viewer = '@id("viewer") permit (principal == ?principal, action == Action::"view", resource == ?resource);'
    await world.authority.service.publish({
      schema: { file: 'schema.cedarschema', text: schema },
      policies: [{ file: 'policies.cedar', text: viewer }],
    })
    const ids = await grantMany(MANY, 'Client::"sync"')
    const basic = `Basic ${Buffer.from(`sync:${encodeURIComponent(sync.secret)}`).toString('base64')}`
    const form = { grant_type: 'client_credentials', audience: DOCS }
    const token = await textOf(world.token(undefined, form, { authorization: basic }))
    expect(await documentsOf(token)).toEqual(ids.toSorted())
  })

  test('is not issued for an audience that is marked so, nor with other claims that are too large', async () => {
    world = await another({ audiences: [{ id: DOCS, maxTokenBytes: BUDGET, grantsByReference: false }, { id: MAIL }] })
    await grantMany()
    expect(await bodyOf(await world.exchange())).toMatchObject({ code: 'ERR_AUTHORITY_BUDGET' })
    world = await another({ audiences: [{ id: DOCS, maxTokenBytes: 1024 }, { id: MAIL }] })
    const subject = await world.provider.idToken({ acr: 'x'.repeat(1000) })
    expect(await bodyOf(await world.exchange({ subject_token: subject }))).toMatchObject({
      code: 'ERR_AUTHORITY_BUDGET',
    })
  })
})

describe('of many grants', () => {
  async function worldWith(count: number): Promise<World> {
    const path = join(folder, randomUUID())
    const store = createSqliteStore({ path, now: () => NOW, newEpoch: () => randomUUID() })
    await store.write(async (transaction) => {
      for (let index = 0; index < count; index += 1) {
        await transaction.insertGrant({
          id: randomUUID(),
          tenant: 'acme',
          granteeType: index % 2 === 0 ? 'User' : 'Team',
          granteeId: index % 2 === 0 ? 'ann' : 'blue',
          template: 'viewer',
          resourceType: 'Document',
          resourceId: randomUUID(),
          untilSeconds: index % 3 === 0 ? NOW + 1000 : undefined,
          createdBy: 'admin',
          createdAtSeconds: NOW,
        })
      }
    })
    await store.close()
    return another({ store: path, key: KEY })
  }

  test.each([1000, 10_000])('%i go by reference', { timeout: 60_000 }, async (count) => {
    world = await worldWith(count)
    const token = await textOf(world.exchange())
    expect(token.length).toBeLessThan(BUDGET)
    expect(await documentsOf(token)).toHaveLength(count)
  })

  test('10 001 are too many', { timeout: 60_000 }, async () => {
    world = await worldWith(10_001)
    const response = await world.exchange()
    expect(await bodyOf(response)).toMatchObject({ code: 'ERR_AUTHORITY_BUDGET', error: 'invalid_target' })
  })

  test('they are there after a restart', async () => {
    world = await worldWith(1000)
    const token = await textOf(world.exchange())
    await world.authority.close()
    worlds.length = 0
    const { store } = world.options
    world = await another({ store, key: KEY, publish: false, provider: world.provider, clock: world.clock })
    expect(await documentsOf(token)).toHaveLength(1000)
  })
})

describe('a set is kept', () => {
  test('until its token has expired, and not a second longer', async () => {
    await grantMany()
    const token = await textOf(world.exchange())
    world.clock.seconds = NOW + 299
    await world.authority.service.keepHouse()
    expect(await documentsOf(token)).toHaveLength(MANY)
    world.clock.seconds = NOW + 300
    await expectNothing(await present(token))
    await world.authority.service.keepHouse()
    // a clock that was set back does not bring back what was forgotten
    world.clock.seconds = NOW + 299
    await expectNothing(await present(token))
  })

  test('once for all tokens that name it, until the last has expired', async () => {
    await grantMany()
    const first = await textOf(world.exchange())
    world.clock.seconds = NOW + 200
    const second = await textOf(world.exchange())
    const { grants_ref: digest } = await claimsOf(first)
    expect((await claimsOf(second))['grants_ref']).toBe(digest)
    world.clock.seconds = NOW + 400
    await world.authority.service.keepHouse()
    await expectNothing(await present(first))
    expect(await documentsOf(second)).toHaveLength(MANY)
  })

  test('as it was, whatever is granted and taken back later', async () => {
    const ids = await grantMany()
    const token = await textOf(world.exchange())
    const { id } = await grantOne(randomUUID())
    await world.authority.service.removeGrant(id)
    expect(await documentsOf(token)).toEqual(ids.toSorted())
  })
})

describe('nothing is there for', () => {
  beforeEach(async () => {
    await grantMany()
  })

  test.each(['mail', 'admin', 'auditor', 'sharing', 'web-server', 'backend'] as const)('`%s`', async (client) => {
    await expectNothing(await present(await textOf(world.exchange()), client))
  })

  test('who does not say who it is, or says it with the token that it presents', async () => {
    const token = await textOf(world.exchange())
    const ask = async (headers: Record<string, string>): Promise<number> => {
      const body = JSON.stringify({ token })
      const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }
      return (await world.authority.app.request(`${ISSUER}/v1/grant-sets`, init)).status
    }
    expect(await ask({})).toBe(401)
    expect(await ask({ authorization: `Bearer ${token}` })).toBe(401)
    expect(await ask({ authorization: `Bearer ${await world.own('docs')}` })).toBe(200)
  })

  const presented: readonly [string, (token: string) => Promise<string>][] = [
    ['a token for another audience', () => textOf(world.exchange({ audience: MAIL }))],
    ['a token with another signature', async (token) => `${token.slice(0, -2)}${token.endsWith('AA') ? 'BA' : 'AA'}`],
    ['a token with another payload', async (token) => token.replace(/\.[^.]{4}/, '.eyJx')],
    [
      'a token that somebody else signed',
      async (token) => issueToken(await claimsOf(token), await generateSigningKey('ES256')),
    ],
    ['a token without a signature', async (token) => token.replace(/[^.]*$/, '')],
    ['an ID token', () => world.provider.idToken()],
    ["the guard's own token", () => world.own('docs')],
    ['a digest', digestOf],
    ['nonsense', async () => 'nonsense'],
  ]
  test.each(presented)('%s', async (_, make) => {
    await expectNothing(await present(await make(await textOf(world.exchange()))))
  })

  test('a token that holds its grants', async () => {
    const token = await textOf(world.exchange({ subject_token: await world.provider.idToken({ sub: 'somebody' }) }))
    expect(await claimsOf(token)).toHaveProperty('grants')
    await expectNothing(await present(token))
  })

  const revocations: readonly [string, (claims: TokenClaims) => object][] = [
    ['token', ({ iss, jti }) => ({ kind: 'token', iss, jti })],
    ['session', ({ sid }) => ({ kind: 'session', sid })],
    ['principal', ({ sub, tenant }) => ({ kind: 'principal', tenant, sub })],
    ['client', () => ({ kind: 'client', clientId: 'web-server' })],
    ['tenant', ({ tenant }) => ({ kind: 'tenant', tenant })],
  ]
  test.each(revocations)('a token whose %s was revoked, while the same set serves the next one', async (kind, key) => {
    const token = await textOf(world.exchange())
    await world.authority.service.revoke(key(await claimsOf(token)) as never)
    await expectNothing(await present(token))
    if (kind !== 'token') return
    expect(await documentsOf(await textOf(world.exchange()))).toHaveLength(MANY)
  })

  test('a token whose key was killed', async () => {
    const token = await textOf(world.exchange())
    const { kid } = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
    await world.authority.service.revoke({ kind: 'key', kid })
    await expectNothing(await present(token))
  })

  test('a guard that was removed', async () => {
    const { secret } = await world.authority.service.enrol({
      id: 'late',
      roles: ['guard'],
      audiences: [DOCS],
      tenants: [],
      templates: [],
    })
    const authorization = `Basic ${Buffer.from(`late:${encodeURIComponent(secret)}`).toString('base64')}`
    const own = await textOf(world.token(undefined, { grant_type: 'client_credentials' }, { authorization }))
    const token = await textOf(world.exchange())
    const ask = async (): Promise<number> => {
      const headers = { authorization: `Bearer ${own}`, 'content-type': 'application/json' }
      const init = { method: 'POST', headers, body: JSON.stringify({ token }) }
      return (await world.authority.app.request(`${ISSUER}/v1/grant-sets`, init)).status
    }
    expect(await ask()).toBe(200)
    await world.api('admin', 'DELETE', '/v1/clients/late')
    expect(await ask()).toBe(401)
  })

  test('an address: no set has one', async () => {
    const digest = await digestOf(await textOf(world.exchange()))
    await expectNothing(await world.api('docs', 'GET', `/v1/grant-sets/${digest}`))
    await expectNothing(await world.api('docs', 'GET', '/v1/grant-sets'))
  })

  test.each([
    ['no token', {}, 400],
    ['two', { token: ['a', 'b'] }, 400],
    ['a token and a digest', { token: 'a', digest: 'b' }, 400],
    ['a token that is too large', { token: 'x'.repeat(70_000) }, 413],
  ])('%s', async (_, body, status) => {
    expect((await world.api('docs', 'POST', '/v1/grant-sets', body)).status).toBe(status)
  })
})

test('a service that introspects such a token is told the grants that it names, but for those that are gone', async () => {
  const [first = ''] = await grantMany()
  const until = new Date((NOW + 100) * 1000).toISOString()
  const grant = { tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource: 'Document::"ending"', until }
  await world.authority.service.grant(grant)
  const token = await textOf(world.exchange())
  const told = async (): Promise<unknown[]> => {
    const response = await world.authority.app.request(`${ISSUER}/introspect`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: basic('docs') },
      body: new URLSearchParams({ token }).toString(),
    })
    const body = await bodyOf(response)
    expect(body).toMatchObject({ active: true, sub: 'ann' })
    expect(body).not.toHaveProperty('grants_ref')
    return body['authorization_details'] as unknown[]
  }
  expect(await told()).toHaveLength(MANY + 1)
  const key = { tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource: `Document::"${first}"` }
  await world.authority.service.revoke({ kind: 'grant', ...key })
  expect(await told()).toHaveLength(MANY)
  world.clock.seconds += 100
  expect(await told()).toHaveLength(MANY - 1)
})

test('a set of another audience or tenant is not taken for the one that a token names, nor one that has ended', async () => {
  await grantMany()
  const keys = createLocalKeys(await keySetOf(world))
  const verifier = createVerifier({ issuer: ISSUER, audience: DOCS, keys, now: () => NOW })
  const token = await verifier.verify(await textOf(world.exchange()))
  const kept = { digest: '', audience: DOCS, tenant: 'acme', text: '', endsAtSeconds: NOW + 1 }
  const load = async (record: GrantSetRecord | undefined): Promise<GrantSetRecord | undefined> =>
    loadGrantSet(token, { grantSet: async () => record } as Partial<StoreView> as StoreView, NOW)
  expect(await load(kept)).toBe(kept)
  expect(await load({ ...kept, audience: MAIL })).toBeUndefined()
  expect(await load({ ...kept, tenant: 'other' })).toBeUndefined()
  expect(await load({ ...kept, tenant: undefined })).toBeUndefined()
  expect(await load({ ...kept, endsAtSeconds: NOW })).toBeUndefined()
  expect(await load(undefined)).toBeUndefined()
})

test('who asked in vain is recorded, and neither token nor digest is logged', async () => {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString())
      done()
    },
  })
  world = await another({ log: pino({ level: 'trace', redact: redaction }, stream) })
  const ids = await grantMany()
  const token = await textOf(world.exchange())
  const digest = await digestOf(token)
  await present(token)
  await present(token, 'mail')
  await present(`${token}x`)
  const log = await bodyOf(await world.api('auditor', 'GET', '/v1/log?denied=true'))
  expect(log['records']).toEqual([
    expect.objectContaining({ action: 'readGrantSet', principal: 'Client::"mail"', decision: 'deny' }),
  ])
  const text = lines.join('')
  expect(text).toContain('/v1/grant-sets')
  for (const secret of [token, token.split('.')[2] ?? '', digest, ...ids]) expect(text).not.toContain(secret)
})

test('publishing another policy does not change what a token names', async () => {
  const ids = await grantMany()
  const token = await textOf(world.exchange())
  await world.authority.service.publish({
    ...sources,
    policies: [{ file: 'policies.cedar', text: '@id("nobody") forbid (principal, action, resource);' }],
  })
  expect(await documentsOf(token)).toEqual(ids.toSorted())
})
