// A client that signs who it is: RFC 7523 section 3, what is taken and everything that is not.

import { createHmac } from 'node:crypto'
import { generateSigningKey, issueToken, publicJwk, type SigningKey } from '@cardea/token'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAuthority } from '../../src/index.ts'
import { basic, bodyOf, createWorld, DOCS, EXCHANGE, ID_TOKEN, IDP, ISSUER, SECRETS, type World } from '../fixture.ts'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const KEYS_URL = 'https://remote.example/keys'

type Form = Record<string, string>

let key: SigningKey
let remoteKey: SigningKey
let world: World
const fetched: string[] = []

beforeAll(async () => {
  key = await generateSigningKey('ES256', { kid: 'service-1' })
  remoteKey = await generateSigningKey('PS256')
  const other = await createWorld()
  world = await createWorld({
    clock: other.clock,
    provider: {
      ...other.provider,
      fetch: async (input) => {
        const url = input instanceof Request ? input.url : input.toString()
        fetched.push(url)
        if (url === KEYS_URL) return Response.json({ keys: [publicJwk(remoteKey)] })
        return other.provider.fetch(input)
      },
    },
    clients: [
      { id: 'service', keys: { keys: [publicJwk(key)] }, audiences: [DOCS], session: true, roles: ['auditor'] },
      { id: 'remote', jwksUri: KEYS_URL, audiences: [DOCS] },
      { id: 'docs', secret: SECRETS.docs, roles: ['guard'], audiences: [DOCS] },
      { id: 'browser', audiences: [DOCS] },
    ],
    providers: [
      {
        issuer: IDP,
        clients: ['service'],
        tenants: ['acme'],
        attributes: { tenant: '$tenant' },
        algorithms: ['ES256'],
      },
    ],
  })
  await other.authority.close()
})
afterAll(() => world.authority.close())
beforeEach(() => {
  world.clock.seconds += 1000
})

interface Signing {
  readonly by?: SigningKey
  readonly type?: string
}

async function assertion(changes: object = {}, { by = key, type = 'JWT' }: Signing = {}): Promise<string> {
  const now = world.clock.seconds
  const claims = { iss: 'service', sub: 'service', aud: ISSUER, jti: crypto.randomUUID(), iat: now, exp: now + 60 }
  return issueToken({ ...claims, ...changes }, by, { type })
}

async function present(text: string, form: Form = {}, headers: Form = {}): Promise<Response> {
  const given = { grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE, client_assertion: text }
  return world.token(undefined, { ...given, ...form }, headers)
}

describe('an assertion', () => {
  test('gets a client a token, as one with a secret', async () => {
    const response = await present(await assertion())
    expect(response.status).toBe(200)
    const token = String((await bodyOf(response))['access_token'])
    const call = await world.authority.app.request(`${ISSUER}/v1/log`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(call.status).toBe(200)
  })

  const taken: readonly [string, object, Signing, Form][] = [
    ['that names its kind', {}, { type: 'client-authentication+jwt' }, {}],
    ['with one audience in a list', { aud: [ISSUER] }, {}, {}],
    ['beside the name of the client', {}, {}, { client_id: 'service' }],
    ['that lives for five minutes', { exp: 1_900_000_000, iat: 1_899_999_700 }, {}, {}],
  ]
  test.each(taken)('%s is taken', async (_, changes, signing, form) => {
    if ('iat' in changes) world.clock.seconds = 1_899_999_700
    expect((await present(await assertion(changes, signing), form)).status).toBe(200)
  })

  test('is checked by the keys at the address of the client, and by nothing that it says itself', async () => {
    const own = { iss: 'remote', sub: 'remote' }
    const form = { audience: DOCS }
    const response = await present(await assertion(own, { by: remoteKey }), form)
    // the policies of the audience know no clients, so it was authenticated
    expect(await bodyOf(response)).toMatchObject({ code: 'ERR_AUTHORITY_CLAIMS' })
    expect(await bodyOf(await present(await assertion(own), form))).toMatchObject({ code: 'ERR_AUTHORITY_CLIENT' })
    expect(fetched.filter((url) => !url.startsWith(IDP))).toEqual([KEYS_URL])
  })

  test('authenticates an exchange, a refresh that does not rotate, and a revocation', async () => {
    const idToken = await world.provider.idToken({ aud: 'service' })
    const exchange = { grant_type: EXCHANGE, subject_token: idToken, subject_token_type: ID_TOKEN, audience: DOCS }
    const { refresh_token: token } = await bodyOf(await present(await assertion(), exchange))
    const form = { grant_type: 'refresh_token', refresh_token: String(token) }
    const refreshed = await present(await assertion(), form)
    expect(refreshed.status).toBe(200)
    expect(await bodyOf(refreshed)).not.toHaveProperty('refresh_token')
    const revoked = await world.authority.app.request(`${ISSUER}/revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: await assertion(),
        token: String(token),
      }).toString(),
    })
    expect(revoked.status).toBe(200)
    expect(await bodyOf(await present(await assertion(), form))).toMatchObject({ error: 'invalid_grant' })
  })

  test('counts once, however often it is sent at once', async () => {
    const text = await assertion()
    const answers = await Promise.all(Array.from({ length: 20 }, () => present(text)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19)
    await world.authority.service.keepHouse()
    expect((await present(text)).status).toBe(401)
  })

  test('of one client may have the number of another', async () => {
    const jti = crypto.randomUUID()
    expect((await present(await assertion({ jti }))).status).toBe(200)
    const other = await assertion({ jti, iss: 'remote', sub: 'remote' }, { by: remoteKey })
    expect(await bodyOf(await present(other, { audience: DOCS }))).toMatchObject({ code: 'ERR_AUTHORITY_CLAIMS' })
  })
})

describe('an assertion is refused, with the one answer,', () => {
  const now = (): number => world.clock.seconds
  const cases: readonly [string, () => Promise<string>][] = [
    ['for the token endpoint', () => assertion({ aud: `${ISSUER}/token` })],
    ['for the token endpoint as well', () => assertion({ aud: [ISSUER, `${ISSUER}/token`] })],
    ['for another authority', () => assertion({ aud: 'https://other.example' })],
    ['for a twin of this one', () => assertion({ aud: `${ISSUER}/` })],
    ['for nobody', () => assertion({ aud: [] }).catch(() => unsigned({ aud: [] }))],
    ['about somebody else', () => assertion({ sub: 'docs' })],
    ['by somebody else', () => assertion({ iss: 'docs' })],
    ['of a client without keys', () => assertion({ iss: 'docs', sub: 'docs' })],
    ['of a public client', () => assertion({ iss: 'browser', sub: 'browser' })],
    ['of an unknown client', () => assertion({ iss: 'nobody', sub: 'nobody' })],
    ['of `__proto__`', () => assertion({ iss: '__proto__', sub: '__proto__' })],
    ['without a number', () => assertion({ jti: undefined })],
    ['that has expired', () => assertion({ iat: now() - 60, exp: now() })],
    ['that lives for too long', () => assertion({ exp: now() + 301 })],
    ['from the future', () => assertion({ iat: now() + 11, exp: now() + 60 })],
    ['not yet valid', () => assertion({ nbf: now() + 11 })],
    ['signed by another key', async () => assertion({}, { by: await generateSigningKey('ES256') })],
    [
      'signed by another key of that name',
      async () => assertion({}, { by: await generateSigningKey('ES256', { kid: 'service-1' }) }),
    ],
    ['that is a DPoP proof', () => assertion({}, { type: 'dpop+jwt' })],
    ['that is an access token', () => assertion({ client_id: 'service' }, { type: 'at+jwt' })],
    ['that is a logout token', () => assertion({}, { type: 'logout+jwt' })],
    ['that is signed by nobody', () => unsigned({})],
    ['that is signed with our public key as a secret', async () => hmac(JSON.stringify(publicJwk(key)))],
    ['that is nonsense', async () => 'nonsense'],
    ['with a bit flipped', async () => flipped(await assertion())],
  ]
  test.each(cases)('%s', async (_, make) => {
    const response = await present(await make())
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="cardea", charset="UTF-8"')
    const { correlation: _correlation, ...body } = await bodyOf(response)
    expect(body).toEqual({
      error: 'invalid_client',
      error_description: 'the client did not authenticate',
      code: 'ERR_AUTHORITY_CLIENT',
    })
  })
})

describe('a client authenticates in its own way and in no other:', () => {
  test('one with keys has no secret and no name to say', async () => {
    const form = { grant_type: 'client_credentials' }
    const secret = await world.token(undefined, form, { authorization: basic('service', 'x') })
    expect(secret.status).toBe(401)
    expect((await world.token(undefined, { ...form, client_id: 'service' })).status).toBe(401)
  })

  const twice: readonly [string, Form, Form][] = [
    ['an assertion and Basic', {}, { authorization: basic('docs') }],
    ['an assertion and a secret', { client_secret: 'x' }, {}],
    ['an assertion and the name of another', { client_id: 'docs' }, {}],
    [
      'an assertion of another type',
      { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' },
      {},
    ],
    ['an assertion of no type', { client_assertion_type: '' }, {}],
    ['a type without an assertion', { client_assertion: '' }, {}],
  ]
  test.each(twice)('%s is refused', async (_, form, headers) => {
    const response = await present(await assertion(), form, headers)
    expect(response.status).toBe(400)
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_request', code: 'ERR_AUTHORITY_REQUEST' })
  })

  const wrong: readonly [string, () => object][] = [
    ['a secret and keys', () => ({ secret: SECRETS.docs, keys: { keys: [publicJwk(key)] } })],
    ['keys and an address', () => ({ keys: { keys: [publicJwk(key)] }, jwksUri: KEYS_URL })],
    ['a symmetric key', () => ({ keys: { keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'k', alg: 'HS256' }] } })],
    ['an address without TLS', () => ({ jwksUri: 'http://remote.example/keys' })],
  ]
  test.each(wrong)('a configuration with %s does not start', async (_, client) => {
    const clients = [{ id: 'service', audiences: [DOCS], ...client() }]
    const starting = createAuthority({ ...world.options, clients, providers: [] })
    await expect(starting).rejects.toMatchObject({ code: 'ERR_AUTHORITY_CONFIG' })
  })
})

const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url')

async function unsigned(changes: object): Promise<string> {
  const [, payload = ''] = (await assertion()).split('.')
  const claims: object = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return `${part({ alg: 'none', typ: 'JWT', kid: 'service-1' })}.${part({ ...claims, ...changes })}.AA`
}

async function hmac(secret: string): Promise<string> {
  const [, payload = ''] = (await assertion()).split('.')
  const signed = `${part({ alg: 'HS256', typ: 'JWT', kid: 'service-1' })}.${payload}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

function flipped(text: string): string {
  const at = text.lastIndexOf('.') + 10
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
}
