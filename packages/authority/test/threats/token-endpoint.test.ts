// Bad input to the endpoints of tokens, by the numbers of docs/threat-model.md: targets that look like ours, ids that could be guessed, and
// kinds of token that nothing here receives.

import { generateSigningKey, issueToken, type JsonObject, publicJwk } from '@cardea/token'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAuthority } from '../../src/index.ts'
import { basic, bodyOf, createWorld, DOCS, EXCHANGE, ID_TOKEN, IDP, ISSUER, type World } from '../fixture.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.authority.close())
beforeEach(() => {
  world.clock.seconds += 10
})

const claimsOf = (text: unknown): Record<string, unknown> =>
  JSON.parse(Buffer.from(String(text).split('.')[1] ?? '', 'base64url').toString())

describe('21: keys that are secrets', () => {
  const base = { issuer: ISSUER, store: ':memory:', development: true } as const
  const oct = { kty: 'oct', kid: 'k', alg: 'HS256', k: Buffer.alloc(32, 1).toString('base64url') }
  const provider = { issuer: IDP, clients: ['web'], tenants: ['acme'] }
  const clients = [{ id: 'web' }]
  test.each<[string, object]>([
    ['an HMAC of a provider', { clients, providers: [{ ...provider, algorithms: ['HS256'] }] }],
    ['an HMAC of our own', { algorithm: 'HS256' }],
    ['no signature at all', { algorithm: 'none' }],
    ['a symmetric key of a provider', { clients, providers: [{ ...provider, keys: { keys: [oct] } }] }],
    ['a symmetric key of a client', { clients: [{ id: 'service', keys: { keys: [oct] } }] }],
  ])('%s is refused when the authority starts', async (_, options) => {
    const started = createAuthority({ ...base, ...options })
    await expect(started).rejects.toMatchObject({ code: 'ERR_AUTHORITY_CONFIG' })
  })
})

describe('28: two of what there is one of', () => {
  test.each(['Authorization', 'DPoP'])('two `%s` headers are refused', async (name) => {
    const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded', authorization: basic('docs') })
    headers.append(name, name === 'DPoP' ? 'a' : basic('docs'))
    headers.append(name, 'b')
    const body = 'grant_type=client_credentials'
    const response = await world.authority.app.request(`${ISSUER}/token`, { method: 'POST', headers, body })
    expect([400, 401]).toContain(response.status)
    expect(await response.text()).not.toContain('access_token')
  })
})

describe('40: targets that are none of ours', () => {
  test.each([
    '*',
    'https://*.example',
    'https://docs.example/*',
    `${DOCS}#fragment`,
    `${DOCS}?query`,
    `${DOCS}/`,
    'http://docs.example',
    'https://docs.example:443',
    'https://DOCS.example',
    'https://docs.example.',
    'https://dοcs.example',
    'https://xn--dcs-9wc.example',
    'https://docs%2eexample',
    ' https://docs.example',
    'docs',
    '__proto__',
  ])('%s', async (target) => {
    for (const name of ['audience', 'resource']) {
      const response = await world.token('web-server', {
        grant_type: EXCHANGE,
        subject_token: await world.provider.idToken(),
        subject_token_type: ID_TOKEN,
        [name]: target,
      })
      expect(response.status).toBe(400)
      expect(await bodyOf(response)).toMatchObject({ error: 'invalid_target' })
    }
  })
})

describe('41: the number of a token', () => {
  test('is 128 random bits, and none comes twice', async () => {
    const subject = await world.provider.idToken()
    const answers = await Promise.all(Array.from({ length: 100 }, () => world.exchange({ subject_token: subject })))
    const numbers = await Promise.all(
      answers.map(async (answer) => claimsOf((await bodyOf(answer))['access_token'])['jti']),
    )
    expect(new Set(numbers).size).toBe(100)
    for (const jti of numbers) expect(Buffer.from(String(jti), 'base64url')).toHaveLength(16)
    // no part of it counts: each of the first bytes takes many values
    const first = new Set(numbers.map((jti) => Buffer.from(String(jti), 'base64url')[0]))
    expect(first.size).toBeGreaterThan(30)
  })

  test('with the clock set back a token lives no longer, and comes after what was revoked', async () => {
    const { seconds } = world.clock
    const before = claimsOf((await bodyOf(await world.exchange()))['access_token'])
    await world.authority.service.revoke({ kind: 'session', sid: String(before['sid']) })
    world.clock.seconds -= 100
    const answer = await world.exchange({ subject_token: await world.provider.idToken({ nonce: 'back' }) })
    const after = claimsOf((await bodyOf(answer))['access_token'])
    expect(Number(after['exp'])).toBeLessThanOrEqual(seconds - 100 + 300)
    expect(Number(after['seq'])).toBeGreaterThan(Number(before['seq']))
    world.clock.seconds = seconds
  })
})

describe('37, 51, 52: kinds that nothing here receives', () => {
  const kinds: readonly (readonly [string, string, JsonObject])[] = [
    ['an identity assertion', 'oauth-id-jag+jwt', { client_id: 'web-server', jti: 'j' }],
    ['a security event', 'secevent+jwt', { events: {}, jti: 'j' }],
    ['a logout token', 'logout+jwt', { events: {}, jti: 'j' }],
    ['a status list', 'statuslist+jwt', { status_list: { bits: 1, lst: '' } }],
    ['a transaction token', 'txntoken+jwt', { txn: 't' }],
    ['an introspection answer', 'token-introspection+jwt', { token_introspection: { active: true } }],
  ]
  test.each(kinds)('%s is no subject token, though its provider signed it', async (_, type, more) => {
    const subject = await world.provider.idToken(more, world.provider.key, type)
    const response = await world.exchange({ subject_token: subject })
    expect(response.status).toBe(400)
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_grant', code: 'ERR_AUTHORITY_SUBJECT_TOKEN' })
  })

  test.each(kinds)('%s is no token for the API', async (_, type, more) => {
    const key = await generateSigningKey('ES256')
    expect(publicJwk(key).kid).toBe(key.kid)
    const now = world.clock.seconds
    const claims = { iss: ISSUER, sub: 'admin', aud: ISSUER, client_id: 'admin', jti: 'j', iat: now, exp: now + 60 }
    const text = await issueToken({ ...claims, ...more }, key, { type })
    const headers = { authorization: `Bearer ${text}` }
    expect((await world.authority.app.request(`${ISSUER}/v1/keys`, { headers })).status).toBe(401)
  })

  test.each([
    ['ID-JAG', 'urn:ietf:params:oauth:token-type:id-jag'],
    ['a SAML assertion', 'urn:ietf:params:oauth:token-type:saml2'],
    ['a refresh token', 'urn:ietf:params:oauth:token-type:refresh_token'],
    ['a transaction token', 'urn:ietf:params:oauth:token-type:txn_token'],
  ])('%s cannot be asked for', async (_, type) => {
    const response = await world.exchange({ requested_token_type: type })
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_request', code: 'ERR_AUTHORITY_TOKEN_TYPE' })
  })
})
