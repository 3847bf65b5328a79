// POST /introspect, RFC 7662: whom it tells what, and that everybody else hears the same nothing.

import { generateSigningKey, issueToken, type JsonValue } from '@cardea/token'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { basic, bodyOf, createWorld, DOCS, EXCHANGE, ID_TOKEN, ISSUER, postForm, type World } from '../fixture.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.authority.close())
beforeEach(() => {
  world.clock.seconds += 10
})

const ask = (form: Record<string, string>, client: string | null = 'docs'): Promise<Response> =>
  postForm(world.authority, '/introspect', client ?? undefined, form)

async function token(changes: Record<string, JsonValue> = {}): Promise<string> {
  const response = await world.exchange({ subject_token: await world.provider.idToken(changes) })
  return String((await bodyOf(response))['access_token'])
}

const claimsOf = (text: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString())

describe('a service of the audience', () => {
  test('is told what the token says, and nothing is kept on the way', async () => {
    const text = await token({ acr: 'urn:mfa', amr: ['otp'], auth_time: world.clock.seconds - 5 })
    const response = await ask({ token: text, token_type_hint: 'refresh_token' })
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const claims = claimsOf(text)
    expect(await bodyOf(response)).toEqual({
      active: true,
      token_type: 'Bearer',
      iss: ISSUER,
      sub: 'ann',
      aud: DOCS,
      client_id: 'web-server',
      iat: claims['iat'],
      exp: claims['exp'],
      jti: claims['jti'],
      sid: claims['sid'],
      tenant: 'acme',
      acr: 'urn:mfa',
      amr: ['otp'],
      auth_time: world.clock.seconds - 5,
      authorization_details: [],
    })
  })

  test('sees grants as they are now: not one that ended or was taken back', async () => {
    const { service } = world.authority
    const grant = { tenant: 'acme', grantee: 'User::"ann"', template: 'viewer' }
    const until = new Date((world.clock.seconds + 100) * 1000).toISOString()
    const { id } = await service.grant({ ...grant, resource: 'Document::"a"' })
    await service.grant({ ...grant, resource: 'Document::"b"', until })
    await service.grant({ ...grant, grantee: 'Team::"blue"', resource: 'Document::"c"' })
    const text = await token({ nonce: 'grants' })
    const seen = async (): Promise<unknown[]> => {
      const { authorization_details: details } = await bodyOf(await ask({ token: text }))
      return (details as { identifier: string }[]).map(({ identifier }) => identifier)
    }
    expect(await seen()).toEqual(['c', 'a', 'b'])
    expect((await bodyOf(await ask({ token: text })))['authorization_details']).toContainEqual({
      type: 'cardea_grant',
      privileges: ['viewer'],
      datatypes: ['Document'],
      identifier: 'c',
      grantee: 'Team::"blue"',
    })
    await service.removeGrant(id)
    expect(await seen()).toEqual(['c', 'b'])
    world.clock.seconds += 100
    expect(await seen()).toEqual(['c'])
  })

  test('is told of a token that another key and algorithm signed before', async () => {
    const text = await token({ nonce: 'rotated' })
    await world.authority.service.rotateKeys('access', { now: true })
    expect(await bodyOf(await ask({ token: text }))).toMatchObject({ active: true, sub: 'ann' })
  })
})

describe('nothing but `active: false` is said', () => {
  const forged = async (changes: object, type = 'at+jwt'): Promise<string> =>
    issueToken({ ...claimsOf(await token()), ...changes } as never, await generateSigningKey('ES256'), { type })
  const rows: readonly [string, () => Promise<string>, (string | null)?][] = [
    ['of nonsense', async () => 'nonsense'],
    ['of an ID token', () => world.provider.idToken()],
    [
      'of a refresh token',
      async () => {
        const idToken = await world.provider.idToken({ aud: 'backend' })
        const form = { grant_type: EXCHANGE, subject_token: idToken, subject_token_type: ID_TOKEN, audience: DOCS }
        return String((await bodyOf(await world.token('backend', form)))['refresh_token'])
      },
    ],
    ['of a forgery', () => forged({})],
    ['of a token with another spelling', async () => `${await token()}=`],
    ["of the authority's own token", async () => world.own('docs')],
    ['to the service of another audience', () => token(), 'mail'],
    ['to the client that the token was made for', () => token(), 'web-server'],
    ['to an administrator', () => token(), 'admin'],
    ['to an auditor', () => token(), 'auditor'],
    [
      'of a token that has expired',
      async () => {
        const text = await token()
        world.clock.seconds += 300
        return text
      },
    ],
    [
      'of a token that was revoked',
      async () => {
        const text = await token({ nonce: 'revoked' })
        await world.authority.service.revoke({ kind: 'token', iss: ISSUER, jti: String(claimsOf(text)['jti']) })
        return text
      },
    ],
    [
      'of a sign-in that was revoked',
      async () => {
        const text = await token({ nonce: 'session' })
        await world.authority.service.revoke({ kind: 'session', sid: String(claimsOf(text)['sid']) })
        return text
      },
    ],
    [
      'of a token of a killed key',
      async () => {
        const text = await token({ nonce: 'killed' })
        const { kid } = JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString())
        await world.authority.service.revoke({ kind: 'key', kid })
        return text
      },
    ],
  ]
  test.each(rows)('%s', async (_, make, client = 'docs') => {
    const response = await ask({ token: await make() }, client)
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('{"active":false}')
  })
})

describe('is refused', () => {
  test('without credentials, with wrong ones, and to a public client', async () => {
    const text = await token()
    for (const response of [
      await ask({ token: text }, null),
      await ask({ token: text, client_id: 'browser' }, null),
      await ask({ token: text, client_id: 'docs' }, null),
    ]) {
      expect(response.status).toBe(401)
      expect(await bodyOf(response)).toMatchObject({ error: 'invalid_client' })
    }
  })

  test('without a token, and with two', async () => {
    const response = await ask({})
    expect(response.status).toBe(400)
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_request' })
    const twice = await world.authority.app.request(`${ISSUER}/introspect`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: basic('docs') },
      body: 'token=a&token=b',
    })
    expect(twice.status).toBe(400)
  })
})

test('a token from before everything was revoked is not active', async () => {
  const text = await token({ nonce: 'epoch' })
  expect(await bodyOf(await ask({ token: text }))).toMatchObject({ active: true })
  await world.authority.service.revoke({ kind: 'all' })
  expect(await (await ask({ token: text })).text()).toBe('{"active":false}')
})
