// The life of an authority: what stops it from starting, what survives a restart, and what a restore must not bring back.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { type AuthorityOptions, createAuthority, createSilentLog, initialiseAuthority } from '../src/index.ts'
import { bodyOf, createWorld, DOCS, ISSUER, MAIL, SECRETS, sources, type World } from './fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'cardea-authority-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.unstubAllEnvs())

const key = randomBytes(32).toString('base64')
const fileOf = (name: string): string => join(folder, name, 'authority.sqlite')

async function tokenOf(world: World): Promise<Record<string, unknown>> {
  world.clock.seconds += 1
  const text = String((await bodyOf(await world.exchange()))['access_token'])
  return JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString())
}

describe('an authority does not start', () => {
  const base: AuthorityOptions = { issuer: ISSUER, store: ':memory:', development: true, log: createSilentLog() }
  const secret = 'x'.repeat(32)
  const cases: readonly [string, AuthorityOptions][] = [
    ['in memory outside development', { ...base, development: false, key }],
    ['without a key outside development', { ...base, development: false, store: fileOf('never') }],
    [
      'with test users outside development',
      { ...base, development: false, key, store: fileOf('never'), testUsers: { ann: { tenant: 'acme' } } },
    ],
    ['with a short key', { ...base, key: 'short' }],
    [
      'with a plain issuer',
      { ...base, development: false, key, store: fileOf('never'), issuer: 'http://authority.example' },
    ],
    ['with an issuer that ends in a slash', { ...base, issuer: `${ISSUER}/` }],
    ['with an issuer with a query', { ...base, issuer: `${ISSUER}?a` }],
    ['with an unknown option', { ...base, skipVerify: true } as AuthorityOptions],
    ['with HS256', { ...base, algorithm: 'HS256' } as unknown as AuthorityOptions],
    ['with itself as an audience', { ...base, audiences: [{ id: ISSUER }] }],
    ['with an audience twice', { ...base, audiences: [{ id: DOCS }, { id: DOCS }] }],
    ['with an audience with a fragment', { ...base, audiences: [{ id: `${DOCS}#a` }] }],
    ['with a client twice', { ...base, clients: [{ id: 'a' }, { id: 'a' }] }],
    ['with a client for an unknown audience', { ...base, clients: [{ id: 'a', audiences: [MAIL] }] }],
    ['with a public client that has a role', { ...base, clients: [{ id: 'a', roles: ['admin'] }] }],
    [
      'with a weak secret outside development',
      { ...base, development: false, key, store: fileOf('never'), clients: [{ id: 'a', secret: 'weak' }] },
    ],
    [
      'with a provider of several tenants and no claim',
      { ...base, providers: [{ issuer: ISSUER, clients: ['a'], tenants: ['a', 'b'] }] },
    ],
    [
      'with `email` as the subject',
      { ...base, providers: [{ issuer: ISSUER, clients: ['a'], tenants: ['a'], subjectClaim: 'email' }] },
    ],
    [
      'with a person whose team is no entity',
      { ...base, directory: [{ id: 'a', issuer: ISSUER, tenant: 't', subject: 's', parents: ['blue'] }] },
    ],
    [
      'with two people of one id',
      {
        ...base,
        testUsers: { a: { tenant: 't' } },
        directory: [{ id: 'a', issuer: ISSUER, tenant: 't', subject: 's' }],
      },
    ],
  ]
  test.each(cases)('%s', async (_, options) => {
    expect(secret).toHaveLength(32)
    await expect(createAuthority(options)).rejects.toMatchObject({ code: 'ERR_AUTHORITY_CONFIG' })
  })

  test.each([
    ['development', { ...base }],
    ['test users', { ...base, development: false, testUsers: { ann: { tenant: 'acme' } } }],
  ])('with %s in production', async (_, options) => {
    vi.stubEnv('NODE_ENV', 'production')
    await expect(createAuthority(options)).rejects.toMatchObject({ code: 'ERR_AUTHORITY_DEVELOPMENT_IN_PRODUCTION' })
  })
})

describe('in development', () => {
  test('a test user is signed in without a provider, by the same way as everybody', async () => {
    const world = await createWorld({
      directory: [],
      testUsers: { ann: { tenant: 'acme', attributes: { tenant: 'acme', clearance: 4 }, parents: ['Role::"admin"'] } },
    })
    const subjectToken = await world.authority.signIn('ann', 'web-server', { acr: 'mfa' })
    const response = await world.exchange({ subject_token: subjectToken })
    expect(response.status).toBe(200)
    const text = String((await bodyOf(response))['access_token'])
    const claims = JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString())
    expect(claims).toMatchObject({ sub: 'ann', tenant: 'acme', acr: 'mfa', groups: { Role: ['admin'] } })
    await expect(world.authority.signIn('nobody', 'web-server')).rejects.toMatchObject({
      code: 'ERR_AUTHORITY_NOT_FOUND',
    })
    await world.authority.close()
  })
})

describe('a restart', () => {
  test('keeps everything that was answered', async () => {
    const store = fileOf('restart')
    await initialiseAuthority({ store })
    const first = await createWorld({ store, key, development: false })
    const { id } = await first.authority.service.grant({
      tenant: 'acme',
      grantee: 'User::"ann"',
      template: 'viewer',
      resource: 'Document::"plan"',
    })
    const before = await tokenOf(first)
    const revoked = await first.authority.service.revoke({ kind: 'session', sid: String(before['sid']) })
    const jwks = await bodyOf(await first.authority.app.request(`${ISSUER}/jwks`))
    const enrolled = await first.authority.service.enrol({
      id: 'late',
      roles: ['auditor'],
      audiences: [],
      tenants: [],
      templates: [],
    })
    await first.authority.close()

    const second = await createWorld({
      store,
      key,
      development: false,
      publish: false,
      clock: first.clock,
      provider: first.provider,
    })
    expect(await bodyOf(await second.authority.app.request(`${ISSUER}/jwks`))).toEqual(jwks)
    const snapshot = await bodyOf(await second.api('docs', 'GET', `/v1/feed/snapshot?audience=${DOCS}`))
    // what was decided before the end was vouched for then
    expect(snapshot).toMatchObject({ position: { seq: revoked.position.seq + 1 }, bundle: { revision: 1 } })
    expect(snapshot['checkpoint']).toMatchObject({ count: expect.any(Number) })
    expect(snapshot['revocations']).toHaveLength(1)
    const after = await tokenOf(second)
    expect(after).toMatchObject({ sub: 'ann', epoch: before['epoch'], plan: before['plan'], grants: before['grants'] })
    const listed = await bodyOf(await second.api('admin', 'GET', '/v1/grants'))
    expect(listed['grants']).toMatchObject([{ id }])
    const own = await second.token(
      undefined,
      { grant_type: 'client_credentials' },
      {
        authorization: `Basic ${Buffer.from(`${enrolled.id}:${enrolled.secret}`).toString('base64')}`,
      },
    )
    expect(own.status).toBe(200)
    await second.authority.close()
  })

  test('with another encryption key is refused, and nothing is lost', async () => {
    const store = fileOf('sealed')
    await initialiseAuthority({ store })
    const first = await createWorld({ store, key, development: false })
    await first.authority.close()
    const other = { ...first.options, key: randomBytes(32).toString('base64') }
    await expect(createAuthority(other)).rejects.toMatchObject({ code: 'ERR_AUTHORITY_KEY_SEALED' })
    const again = await createAuthority(first.options)
    await again.close()
    const bytes = readFileSync(store).toString('latin1')
    expect(bytes).not.toContain('"d":')
    for (const secret of Object.values(SECRETS)) expect(bytes).not.toContain(secret)
  })

  test('while another authority runs is refused', async () => {
    const store = fileOf('locked')
    await initialiseAuthority({ store })
    const first = await createWorld({ store, key, development: false })
    await expect(createAuthority(first.options)).rejects.toMatchObject({ code: 'ERR_AUTHORITY_STORE_LOCKED' })
    await expect(initialiseAuthority({ store, recover: true })).rejects.toMatchObject({
      code: 'ERR_AUTHORITY_STORE_LOCKED',
    })
    await first.authority.close()
  })

  test('gives an audience that was added the present policies', async () => {
    const store = fileOf('audience')
    await initialiseAuthority({ store })
    const first = await createWorld({ store, key, development: false })
    await first.authority.close()
    const added = 'https://added.example'
    const second = await createWorld({
      store,
      key,
      development: false,
      publish: false,
      audiences: [{ id: DOCS }, { id: MAIL }, { id: added }],
    })
    const snapshot = await bodyOf(await second.api('admin', 'GET', `/v1/feed/snapshot?audience=${added}`))
    expect(snapshot['bundle']).toMatchObject({ revision: 2 })
    await second.authority.close()
  })

  test('from a restored copy begins a new epoch, in which nothing from before counts', async () => {
    const store = fileOf('restored')
    await initialiseAuthority({ store })
    const first = await createWorld({ store, key, development: false })
    const before = await tokenOf(first)
    const own = await first.own('admin')
    const kid = JSON.parse(Buffer.from(own.split('.')[0] ?? '', 'base64url').toString()).kid
    await first.authority.close()
    const second = await createWorld({
      store,
      key,
      development: false,
      publish: false,
      restored: true,
      clock: first.clock,
      provider: first.provider,
    })
    const after = await tokenOf(second)
    expect(after['epoch']).not.toBe(before['epoch'])
    const call = await second.authority.app.request(`${ISSUER}/v1/keys`, {
      headers: { authorization: `Bearer ${own}` },
    })
    expect(call.status).toBe(401)
    const fresh = (await bodyOf(await second.authority.app.request(`${ISSUER}/jwks`)))['keys'] as { kid: string }[]
    expect(fresh.map(({ kid }) => kid)).not.toContain(kid)
    await second.authority.close()
  })
})

describe('the first administrator', () => {
  test('is made once, can do everything, and can be recovered locally', async () => {
    const store = fileOf('admin')
    const first = await initialiseAuthority({ store })
    await expect(initialiseAuthority({ store })).rejects.toMatchObject({ code: 'ERR_AUTHORITY_INITIALISED' })
    const second = await initialiseAuthority({ store, recover: true })
    expect(second).toMatchObject({ id: 'admin' })
    expect(second.secret).not.toBe(first.secret)
    const world = await createWorld({ store, key, development: false, publish: false, clients: [] })
    const ask = async (secret: string): Promise<Response> =>
      world.token(
        undefined,
        { grant_type: 'client_credentials' },
        {
          authorization: `Basic ${Buffer.from(`admin:${secret}`).toString('base64')}`,
        },
      )
    expect((await ask(first.secret)).status).toBe(401)
    const { access_token: token } = await bodyOf(await ask(second.secret))
    const published = await world.authority.app.request(`${ISSUER}/v1/policies`, {
      method: 'POST',
      headers: { authorization: `Bearer ${String(token)}`, 'content-type': 'application/json', 'if-match': '"0"' },
      body: JSON.stringify(sources),
    })
    expect(published.status).toBe(201)
    await world.authority.close()
  })
})
