// POST /token with a refresh token: what goes on, for whom, for how long, and everything that ends it.

import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalKeys, createVerifier, type TokenClaims } from '@cardea/token'
import * as dpop from 'dpop'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  hashRefreshToken,
  isRefreshToken,
  makeRefreshToken,
  makeSalt,
  successorOf,
} from '../../src/endpoint/token/refresh-token.ts'
import {
  basic,
  bodyOf,
  createWorld,
  DOCS,
  EXCHANGE,
  ID_TOKEN,
  IDP,
  ISSUER,
  keySetOf,
  MAIL,
  type SECRETS,
  type World,
  type WorldOptions,
} from '../fixture.ts'

const AUDIENCES = [{ id: DOCS }, { id: MAIL, tokenSeconds: 60, dpopRequired: true }]

let world: World
const worlds: World[] = []
beforeEach(async () => {
  world = await another()
})
afterEach(async () => {
  await Promise.all(worlds.splice(0).map(({ authority }) => authority.close()))
})

async function another(options: WorldOptions = {}): Promise<World> {
  const made = await createWorld(options)
  worlds.push(made)
  return made
}

type Form = Record<string, string>

/** A sign-in at the public client `app`, or at a confidential one. */
async function signIn(client: 'app' | 'backend' = 'app', form: Form = {}, headers: Form = {}): Promise<Response> {
  return world.token(
    client === 'app' ? undefined : client,
    {
      grant_type: EXCHANGE,
      ...(client === 'app' ? { client_id: client } : {}),
      subject_token: form['subject_token'] ?? (await world.provider.idToken({ aud: client })),
      subject_token_type: ID_TOKEN,
      audience: DOCS,
      ...form,
    },
    headers,
  )
}

async function refreshTokenOf(response: Response | Promise<Response>): Promise<string> {
  const { refresh_token: token } = await bodyOf((await response).clone())
  expect(token).toMatch(/^cardea_rt_[A-Za-z0-9_-]{43}$/)
  return String(token)
}

async function refresh(token: string, form: Form = {}, headers: Form = {}): Promise<Response> {
  return world.token(
    undefined,
    { grant_type: 'refresh_token', client_id: 'app', refresh_token: token, ...form },
    headers,
  )
}

async function refreshAs(client: 'backend', token: string, form: Form = {}, headers: Form = {}): Promise<Response> {
  return world.token(client, { grant_type: 'refresh_token', refresh_token: token, ...form }, headers)
}

async function claimsOf(response: Response): Promise<TokenClaims> {
  const { access_token: token } = await bodyOf(response.clone())
  const keys = createLocalKeys(await keySetOf(world))
  const verifier = createVerifier({ issuer: ISSUER, audience: DOCS, keys, now: () => world.clock.seconds })
  return (await verifier.verify(String(token))).claims
}

/** Refused with the code, and not a word more than the others of its kind. */
async function expectRefused(response: Response, code: string, error = 'invalid_grant'): Promise<void> {
  expect(await bodyOf(response)).toMatchObject({ error, code })
  expect(response.status).toBe(400)
}

async function revokedSessions(): Promise<unknown[]> {
  const snapshot = await bodyOf(await world.api('docs', 'GET', `/v1/feed/snapshot?audience=${DOCS}`))
  const all = snapshot['revocations'] as { key: { kind: string; sid?: string }; at: { seq: number } }[]
  return all.filter(({ key }) => key.kind === 'session').map(({ key }) => key.sid)
}

describe('a refresh token', () => {
  test('comes with an exchange, for clients that are marked and for no other', async () => {
    const response = await signIn()
    expect(response.headers.get('cache-control')).toBe('no-store')
    await refreshTokenOf(response)
    await refreshTokenOf(signIn('backend'))
    expect(await bodyOf(await world.exchange())).not.toHaveProperty('refresh_token')
    const own = await world.token('backend', { grant_type: 'client_credentials' })
    expect(await bodyOf(own)).not.toHaveProperty('refresh_token')
  })

  test('gives a token of the same sign-in, as strong and as old as it was', async () => {
    const first = await signIn()
    const was = await claimsOf(first)
    world.clock.seconds += 600
    const response = await refresh(await refreshTokenOf(first))
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const is = await claimsOf(response)
    for (const name of [
      'sid',
      'sub',
      'aud',
      'client_id',
      'tenant',
      'acr',
      'amr',
      'auth_time',
      'plan',
      'attrs',
      'roles',
    ]) {
      expect([name, is[name]]).toEqual([name, was[name]])
    }
    expect(is).toMatchObject({ auth_time: was.iat - 60, iat: world.clock.seconds, exp: world.clock.seconds + 300 })
    expect(is.jti).not.toBe(was.jti)
  })

  test('carries the grants of now, and none that was taken away', async () => {
    const first = await signIn()
    const grant = { tenant: 'acme', template: 'viewer', grantee: 'User::"ann"', resource: 'Document::"plan"' }
    const { id } = await world.authority.service.grant(grant)
    const second = await refresh(await refreshTokenOf(first))
    expect(JSON.stringify((await claimsOf(second))['grants'])).not.toBe(
      JSON.stringify((await claimsOf(first))['grants']),
    )
    await world.authority.service.removeGrant(id)
    const third = await refresh(await refreshTokenOf(second))
    expect((await claimsOf(third))['grants']).toEqual((await claimsOf(first))['grants'])
  })

  test('ends with its sign-in: the last token lives no longer, and then there is none', async () => {
    let token = await refreshTokenOf(signIn())
    const end = world.clock.seconds - 5 + 28_800
    for (; world.clock.seconds < end - 100; world.clock.seconds += 3000) token = await refreshTokenOf(refresh(token))
    world.clock.seconds = end - 100
    const last = await refresh(token)
    expect(await bodyOf(last.clone())).toMatchObject({ expires_in: 100 })
    world.clock.seconds = end
    await expectRefused(await refresh(await refreshTokenOf(last)), 'ERR_AUTHORITY_SESSION_ENDED')
  })

  test.each(['app', 'backend'] as const)('of %s ends when it lies unused, and not while it is used', async (client) => {
    let token = await refreshTokenOf(signIn(client))
    const use = async (): Promise<Response> => (client === 'app' ? refresh(token) : refreshAs(client, token))
    for (let n = 0; n < 3; n += 1) {
      world.clock.seconds += 3599
      const response = await use()
      expect(response.status).toBe(200)
      if (client === 'app') token = await refreshTokenOf(response)
    }
    world.clock.seconds += 3600
    await expectRefused(await use(), 'ERR_AUTHORITY_REFRESH_IDLE')
  })

  test('is nowhere in the database, and neither is its successor', async () => {
    const path = join(tmpdir(), `cardea-refresh-${crypto.randomUUID()}.sqlite`)
    world = await another({ store: path })
    const token = await refreshTokenOf(signIn())
    const successor = await refreshTokenOf(refresh(token))
    const bytes = [path, `${path}-wal`].map((file) => readFileSync(file, 'latin1')).join('')
    expect(bytes).toContain(hashRefreshToken(token))
    expect(bytes).toContain(hashRefreshToken(successor))
    for (const text of [token, successor]) {
      const secret = text.slice('cardea_rt_'.length)
      expect(bytes).not.toContain(secret)
      expect(bytes).not.toContain(Buffer.from(secret, 'base64url').toString('latin1'))
    }
  })

  test('is made from the one before and a salt, and from neither alone', () => {
    const [token, salt] = [makeRefreshToken(), makeSalt()]
    expect(successorOf(token, salt)).toBe(successorOf(token, salt))
    expect(successorOf(token, makeSalt())).not.toBe(successorOf(token, salt))
    expect(successorOf(makeRefreshToken(), salt)).not.toBe(successorOf(token, salt))
    expect(isRefreshToken(successorOf(token, salt))).toBe(true)
  })
})

describe('a public client without a key', () => {
  test('gets another refresh token each time', async () => {
    const seen = new Set<string>()
    let token = await refreshTokenOf(signIn())
    for (let n = 0; n < 5; n += 1) {
      seen.add(token)
      world.clock.seconds += 300
      token = await refreshTokenOf(refresh(token))
    }
    expect(seen.has(token)).toBe(false)
    expect(seen.size).toBe(5)
  })

  test('gets the same successor for any number of uses at once', async () => {
    const token = await refreshTokenOf(signIn())
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(token)))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(new Set(await Promise.all(answers.map(refreshTokenOf))).size).toBe(1)
  })

  test('gets the same successor again within ten seconds, as after an answer that was lost', async () => {
    const token = await refreshTokenOf(signIn())
    const successor = await refreshTokenOf(refresh(token))
    world.clock.seconds += 9
    expect(await refreshTokenOf(refresh(token))).toBe(successor)
    expect((await refresh(successor)).status).toBe(200)
    expect(await revokedSessions()).toEqual([])
  })

  const reuses: readonly [string, (token: string, successor: string) => Promise<unknown>][] = [
    ['after ten seconds', async () => (world.clock.seconds += 10)],
    ['with the clock set back', async () => (world.clock.seconds -= 10)],
    ['once its successor was used', async (_, successor) => refreshTokenOf(refresh(successor))],
  ]
  test.each(reuses)('that uses a spent one %s loses the sign-in and every token of it', async (_, before) => {
    const first = await signIn()
    const { sid, seq } = await claimsOf(first)
    const token = await refreshTokenOf(first)
    const successor = await refreshTokenOf(refresh(token))
    await before(token, successor)
    await expectRefused(await refresh(token), 'ERR_AUTHORITY_REFRESH_REUSED')
    expect(await revokedSessions()).toEqual([sid])
    // at a position after the one that its tokens carry, so every guard refuses them
    const head = await bodyOf(await world.api('docs', 'GET', `/v1/feed/head?audience=${DOCS}`))
    expect((head['position'] as { seq: number }).seq).toBeGreaterThan(Number(seq))
    for (const dead of [token, successor]) await expectRefused(await refresh(dead), 'ERR_AUTHORITY_SESSION_ENDED')
    expect(await revokedSessions()).toEqual([sid])
  })

  test('that lost one of two chains of a sign-in loses both', async () => {
    const subjectToken = await world.provider.idToken({ aud: 'app' })
    const one = await refreshTokenOf(signIn('app', { subject_token: subjectToken }))
    const two = await refreshTokenOf(signIn('app', { subject_token: subjectToken }))
    expect(two).not.toBe(one)
    await refreshTokenOf(refresh(one))
    world.clock.seconds += 10
    await expectRefused(await refresh(one), 'ERR_AUTHORITY_REFRESH_REUSED')
    await expectRefused(await refresh(two), 'ERR_AUTHORITY_SESSION_ENDED')
    await expectRefused(await signIn('app', { subject_token: subjectToken }), 'ERR_AUTHORITY_SESSION_ENDED')
  })

  test('is told of a reuse even when it lay unused too long, and the log is told too', async () => {
    const token = await refreshTokenOf(signIn())
    await refreshTokenOf(refresh(token))
    world.clock.seconds += 7200
    await expectRefused(await refresh(token), 'ERR_AUTHORITY_REFRESH_REUSED')
    const log = await bodyOf(await world.api('admin', 'GET', '/v1/log?denied=true'))
    expect(JSON.stringify(log)).toContain('ERR_AUTHORITY_REFRESH_REUSED')
    expect(JSON.stringify(log)).not.toContain(token)
  })
})

describe('a client that keeps a secret or proves a key', () => {
  test('goes on with one refresh token, at once, often and late', async () => {
    const token = await refreshTokenOf(signIn('backend'))
    for (let n = 0; n < 3; n += 1) {
      const answers = await Promise.all([refreshAs('backend', token), refreshAs('backend', token)])
      for (const response of answers) {
        expect(response.status).toBe(200)
        expect(await bodyOf(response)).not.toHaveProperty('refresh_token')
      }
      world.clock.seconds += 3000
    }
  })

  test.each(['app', 'backend'] as const)('%s must prove the key of the sign-in, each time anew', async (client) => {
    const key = await dpop.generateKeyPair('ES256')
    const proof = async (pair = key): Promise<Form> => ({
      dpop: await dpop.generateProof(pair, `${ISSUER}/token`, 'POST'),
    })
    world = await another({ clock: { seconds: Math.floor(Date.now() / 1000) } })
    const first = await signIn(client, {}, await proof())
    const token = await refreshTokenOf(first)
    const use = async (headers: Form): Promise<Response> =>
      client === 'app' ? refresh(token, {}, headers) : refreshAs(client, token, {}, headers)
    const again = await use(await proof())
    expect(again.status).toBe(200)
    expect(await bodyOf(again.clone())).not.toHaveProperty('refresh_token')
    expect((await claimsOf(again)).cnf).toEqual((await claimsOf(first)).cnf)
    await expectRefused(await use({}), 'ERR_AUTHORITY_SESSION_KEY')
    await expectRefused(await use(await proof(await dpop.generateKeyPair('ES256'))), 'ERR_AUTHORITY_SESSION_KEY')
    const used = await proof()
    expect((await use(used)).status).toBe(200)
    await expectRefused(await use(used), 'ERR_AUTHORITY_DPOP', 'invalid_dpop_proof')
    expect(await revokedSessions()).toEqual([])
  })

  test('cannot bind an unbound sign-in to a key afterwards', async () => {
    world = await another({ clock: { seconds: Math.floor(Date.now() / 1000) } })
    const token = await refreshTokenOf(signIn())
    const headers = { dpop: await dpop.generateProof(await dpop.generateKeyPair('ES256'), `${ISSUER}/token`, 'POST') }
    await expectRefused(await refresh(token, {}, headers), 'ERR_AUTHORITY_SESSION_KEY')
    expect((await refresh(token)).status).toBe(200)
  })

  test('keeps the address range of the exchange', async () => {
    const token = await refreshTokenOf(signIn('backend', { bind_address: '10.0.0.0/8' }))
    expect((await claimsOf(await refreshAs('backend', token))).net).toEqual(['10.0.0.0/8'])
    const wider = await refreshAs('backend', token, { bind_address: '0.0.0.0/0' })
    await expectRefused(wider, 'ERR_AUTHORITY_BIND_ADDRESS', 'invalid_request')
  })
})

describe('a refresh is refused, and nothing is spent,', () => {
  const cases: readonly [string, Form, string, string][] = [
    ['with a scope', { scope: 'everything' }, 'invalid_scope', 'ERR_AUTHORITY_SCOPE'],
    ['with no details', { authorization_details: '[]' }, 'invalid_authorization_details', 'ERR_AUTHORITY_DETAILS'],
    ['for another audience', { audience: MAIL }, 'invalid_target', 'ERR_AUTHORITY_TARGET'],
    ['for another resource', { resource: MAIL }, 'invalid_target', 'ERR_AUTHORITY_TARGET'],
    ['for two audiences', { audience: DOCS, resource: MAIL }, 'invalid_target', 'ERR_AUTHORITY_TARGET'],
    ['for the authority itself', { audience: ISSUER }, 'invalid_target', 'ERR_AUTHORITY_TARGET'],
    ['with an address range', { bind_address: '10.0.0.0/8' }, 'invalid_request', 'ERR_AUTHORITY_BIND_ADDRESS'],
    ['without a token', { refresh_token: '' }, 'invalid_request', 'ERR_AUTHORITY_REQUEST'],
    ['by another public client', { client_id: 'browser' }, 'invalid_grant', 'ERR_AUTHORITY_REFRESH_TOKEN'],
  ]
  test.each(cases)('%s', async (_, form, error, code) => {
    const token = await refreshTokenOf(signIn())
    await expectRefused(await refresh(token, form), code, error)
    expect((await refresh(token)).status).toBe(200)
  })

  test('by a confidential client with the token of another, spent or not: no guess ends a sign-in', async () => {
    const token = await refreshTokenOf(signIn())
    const successor = await refreshTokenOf(refresh(token))
    world.clock.seconds += 20
    await expectRefused(await refreshAs('backend', token), 'ERR_AUTHORITY_REFRESH_TOKEN')
    await expectRefused(await refreshAs('backend', successor), 'ERR_AUTHORITY_REFRESH_TOKEN')
    expect((await refresh(successor)).status).toBe(200)
  })

  const texts: readonly [string, (token: string) => string | Promise<string>][] = [
    ['an unknown one', () => `cardea_rt_${'A'.repeat(43)}`],
    ['nonsense', () => 'nonsense'],
    ['one with a bit flipped', (token) => token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A')],
    ['one in another spelling', (token) => `${token}=`],
    ['one in upper case', (token) => token.toUpperCase()],
    ['its digest', hashRefreshToken],
    ['SQL', () => "cardea_rt_' OR 1=1 --"],
    ['an ID token', () => world.provider.idToken({ aud: 'app' })],
    ['an access token', async () => String((await bodyOf(await signIn()))['access_token'])],
  ]
  test.each(texts)('with %s', async (_, text) => {
    const token = await refreshTokenOf(signIn())
    await expectRefused(await refresh(await text(token)), 'ERR_AUTHORITY_REFRESH_TOKEN')
    expect((await refresh(token)).status).toBe(200)
  })

  test('when the grants do not fit the token, before and after that', async () => {
    world = await another({ audiences: [{ id: DOCS, maxTokenBytes: 1024, grantsByReference: false }, { id: MAIL }] })
    const token = await refreshTokenOf(signIn())
    const made = []
    for (let n = 0; n < 30; n += 1) {
      const resource = `Document::"${crypto.randomUUID()}"`
      made.push(
        await world.authority.service.grant({ tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource }),
      )
    }
    await expectRefused(await refresh(token), 'ERR_AUTHORITY_BUDGET', 'invalid_target')
    world.clock.seconds += 60
    for (const { id } of made) await world.authority.service.removeGrant(id)
    expect((await refresh(token)).status).toBe(200)
  })
})

describe('a refresh token as a subject token, and to bind a token, is nothing', () => {
  test('at the exchange', async () => {
    const token = await refreshTokenOf(signIn())
    await expectRefused(await signIn('app', { subject_token: token }), 'ERR_AUTHORITY_SUBJECT_TOKEN')
  })

  test('at the API', async () => {
    const token = await refreshTokenOf(signIn())
    const response = await world.authority.app.request(`${ISSUER}/v1/keys`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(response.status).toBe(401)
  })
})

describe('a sign-in does not go on', () => {
  const revocations: readonly [string, (claims: TokenClaims) => object][] = [
    ['its session', ({ sid }) => ({ kind: 'session', sid })],
    ['its principal', ({ sub, tenant }) => ({ kind: 'principal', tenant, sub })],
    ['its client', ({ client_id: clientId }) => ({ kind: 'client', clientId })],
    ['its tenant', ({ tenant }) => ({ kind: 'tenant', tenant })],
    ['everything', () => ({ kind: 'all' })],
  ]
  test.each(revocations)('after %s was revoked', async (_, keyOf) => {
    const ones = [await signIn(), await signIn('backend')] as const
    for (const one of ones) {
      const response = await world.api('admin', 'POST', '/v1/revocations', { key: keyOf(await claimsOf(one)) })
      expect(response.status).toBe(201)
    }
    await expectRefused(await refresh(await refreshTokenOf(ones[0])), 'ERR_AUTHORITY_SESSION_ENDED')
    await expectRefused(await refreshAs('backend', await refreshTokenOf(ones[1])), 'ERR_AUTHORITY_SESSION_ENDED')
  })

  test.each(['live', 'spent'])('after its client gave the %s token back, and tells every guard', async (which) => {
    const first = await signIn()
    const token = await refreshTokenOf(first)
    const successor = await refreshTokenOf(refresh(token))
    const given = which === 'live' ? successor : token
    const response = await revoke({ client_id: 'app', token: given, token_type_hint: 'refresh_token' })
    expect(response.status).toBe(200)
    expect(response.headers.get('cardea-position')).not.toBeNull()
    expect(await revokedSessions()).toEqual([(await claimsOf(first)).sid])
    await expectRefused(await refresh(successor), 'ERR_AUTHORITY_SESSION_ENDED')
    const again = await revoke({ client_id: 'app', token: given })
    expect([again.status, again.headers.get('cardea-position')]).toEqual([200, null])
  })

  test('but does after somebody else gave it back, or an unknown one was', async () => {
    const token = await refreshTokenOf(signIn())
    expect((await revoke({ token }, 'backend')).status).toBe(400)
    expect((await revoke({ client_id: 'browser', token })).status).toBe(400)
    expect((await revoke({ client_id: 'app', token: `cardea_rt_${'A'.repeat(43)}` })).status).toBe(200)
    expect((await refresh(token)).status).toBe(200)
  })

  const { provider, ...rest } = { provider: { issuer: IDP, tenants: ['acme'], clients: ['app'] }, audiences: AUDIENCES }
  const without: readonly [string, WorldOptions, string, string][] = [
    ['its client is gone', { clients: [] }, 'invalid_client', 'ERR_AUTHORITY_CLIENT'],
    [
      'its client is not marked any more',
      { clients: [{ id: 'app', audiences: [DOCS] }] },
      'invalid_grant',
      'ERR_AUTHORITY_REFRESH_TOKEN',
    ],
    [
      'its client may not ask for the audience any more',
      { clients: [{ id: 'app', session: true }] },
      'invalid_target',
      'ERR_AUTHORITY_TARGET',
    ],
    ['its provider is gone', { providers: [] }, 'invalid_grant', 'ERR_AUTHORITY_SESSION_ENDED'],
    [
      'its provider speaks for its tenant no more',
      { providers: [{ ...provider, tenants: ['other'] }] },
      'invalid_grant',
      'ERR_AUTHORITY_SESSION_ENDED',
    ],
    [
      'its provider does not serve its client any more',
      { providers: [{ ...provider, clients: ['browser'] }] },
      'invalid_grant',
      'ERR_AUTHORITY_SESSION_ENDED',
    ],
    [
      'its audience wants a key now',
      { audiences: [{ id: DOCS, dpopRequired: true }, { id: MAIL }] },
      'invalid_dpop_proof',
      'ERR_AUTHORITY_DPOP',
    ],
    ['the database was restored', { restored: true }, 'invalid_grant', 'ERR_AUTHORITY_SESSION_ENDED'],
    ['nothing changed', {}, '', ''],
  ]
  test.each(without)('over a restart in which %s', async (_, options, error, code) => {
    const store = join(tmpdir(), `cardea-refresh-${crypto.randomUUID()}.sqlite`)
    const configuration = { ...rest, clients: [{ id: 'app', audiences: [DOCS], session: true }] }
    world = await createWorld({ ...configuration, store })
    const token = await refreshTokenOf(signIn())
    await world.authority.close()
    world = await another({ ...configuration, store, publish: false, provider: world.provider, ...options })
    const response = await refresh(token)
    if (code === '') expect(response.status).toBe(200)
    else expect(await bodyOf(response)).toMatchObject({ error, code })
  })
})

async function revoke(form: Form, client?: keyof typeof SECRETS): Promise<Response> {
  return world.authority.app.request(`${ISSUER}/revoke`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(client === undefined ? {} : { authorization: basic(client) }),
    },
    body: new URLSearchParams(form).toString(),
  })
}
