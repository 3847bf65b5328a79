// Who may call which part of the API: the authority's own policy, by role. Everything that is not listed is refused.

import * as dpop from 'dpop'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bodyOf, createWorld, DOCS, ISSUER, MAIL, type SECRETS, sources, type World } from '../fixture.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.authority.close())

type Client = keyof typeof SECRETS

const calls: readonly [string, string, unknown?][] = [
  ['GET', `/v1/feed/snapshot?audience=${DOCS}`],
  ['GET', `/v1/feed/snapshot?audience=${MAIL}`],
  ['GET', `/v1/feed/head?audience=${DOCS}`],
  ['GET', `/v1/feed/events?audience=${DOCS}&epoch=e&after=0`],
  ['POST', '/v1/decisions', { start: 's', records: [] }],
  ['GET', '/v1/log'],
  ['POST', '/v1/revocations', { key: { kind: 'session', sid: 'none' } }],
  ['GET', '/v1/grants'],
  ['POST', '/v1/grants', { tenant: 'acme', grantee: 'User::"b"', template: 'viewer', resource: 'Document::"d"' }],
  ['POST', '/v1/grants', { tenant: 'acme', grantee: 'User::"b"', template: 'editor', resource: 'Document::"d"' }],
  ['POST', '/v1/grants', { tenant: 'other', grantee: 'User::"b"', template: 'viewer', resource: 'Document::"d"' }],
  ['GET', '/v1/policies/current'],
  ['POST', '/v1/policies', sources],
  ['GET', '/v1/keys'],
  ['POST', '/v1/keys/rotate', {}],
  ['POST', '/v1/keys/none/kill', {}],
  ['GET', '/v1/clients'],
  ['POST', '/v1/clients', { id: 'new' }],
  ['DELETE', '/v1/clients/none'],
  ['POST', '/v1/keys/reseal', {}],
]

const allowed: { readonly [Name in Client]: readonly number[] } = {
  admin: calls.map((_, index) => index).filter((index) => index !== 4),
  docs: [0, 2, 3, 4, 7],
  mail: [1, 4, 7],
  sharing: [7, 8],
  auditor: [5, 7, 11, 13],
  'web-server': [7],
  backend: [7],
}

describe.each(Object.keys(allowed) as Client[])('as `%s`', (client) => {
  test.each(calls.map(([method, path, body], index) => ({ method, path, body, index })))(
    '$method $path ($index)',
    async ({ method, path, body, index }) => {
      const response = await world.api(client, method, path, body)
      if (allowed[client].includes(index)) {
        expect([401, 403]).not.toContain(response.status)
        await response.body?.cancel()
      } else {
        expect(response.status).toBe(403)
        expect(await bodyOf(response)).toMatchObject({ title: 'not allowed', code: 'ERR_AUTHORITY_FORBIDDEN' })
      }
    },
  )
})

describe('without a valid token', () => {
  const cases: readonly [string, () => Promise<Record<string, string>>][] = [
    ['none', async () => ({})],
    ['nonsense', async () => ({ authorization: 'Bearer nonsense' })],
    ['two', async () => ({ authorization: `Bearer ${await world.own('admin')}, Bearer ${await world.own('admin')}` })],
    ['Basic', async () => ({ authorization: 'Basic YTpi' })],
    [
      'a token for a service',
      async () => ({ authorization: `Bearer ${(await bodyOf(await world.exchange()))['access_token'] as string}` }),
    ],
    [
      'an ID token',
      async () => ({ authorization: `Bearer ${await world.provider.idToken({ aud: ISSUER, iss: ISSUER })}` }),
    ],
    ['an unbound token as DPoP', async () => ({ authorization: `DPoP ${await world.own('admin')}` })],
  ]
  test.each(cases)('%s: every part of the API is closed', async (_, headers) => {
    for (const [method, path, body] of calls) {
      const response = await world.authority.app.request(`${ISSUER}${path}`, {
        method,
        headers: { ...(await headers()), 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      expect([method, path, response.status]).toEqual([method, path, 401])
      expect(response.headers.get('www-authenticate')).toMatch(/^(Bearer|DPoP) /)
    }
  })

  test('a token stops with its expiry, its revocation and its client', async () => {
    const enrolled = await world.authority.service.enrol({
      id: 'temp',
      roles: ['auditor'],
      audiences: [],
      tenants: [],
      templates: [],
    })
    const token = async (): Promise<string> => {
      const response = await world.token(
        undefined,
        { grant_type: 'client_credentials' },
        {
          authorization: `Basic ${Buffer.from(`${enrolled.id}:${enrolled.secret}`).toString('base64')}`,
        },
      )
      return String((await bodyOf(response))['access_token'])
    }
    const status = async (bearer: string): Promise<number> =>
      (await world.authority.app.request(`${ISSUER}/v1/keys`, { headers: { authorization: `Bearer ${bearer}` } }))
        .status
    const first = await token()
    expect(await status(first)).toBe(200)
    await world.authority.service.revoke({ kind: 'client', clientId: 'temp' })
    expect(await status(first)).toBe(401)
    const second = await token()
    expect(await status(second)).toBe(200)
    world.clock.seconds += 300
    expect(await status(second)).toBe(401)
    const third = await token()
    expect((await world.api('admin', 'DELETE', '/v1/clients/temp')).status).toBe(200)
    expect(await status(third)).toBe(401)
  })
})

test('what is nowhere is a problem, bland and with a correlation', async () => {
  const response = await world.authority.app.request(`${ISSUER}/v1/nothing`)
  expect(response.status).toBe(404)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const body = await bodyOf(response)
  expect(body).toEqual({
    type: 'about:blank',
    title: 'not found',
    status: 404,
    code: 'ERR_AUTHORITY_NOT_FOUND',
    correlation: expect.any(String),
  })
  expect(response.headers.get('cardea-correlation')).toBe(body['correlation'])
})

describe('a token that is bound to a key', () => {
  test('opens the API with a fresh proof of the key, and with nothing else', async () => {
    const bound = await createWorld({ clock: { seconds: Math.floor(Date.now() / 1000) - 10 } })
    bound.clock.seconds += 10
    const [mine, other] = [await dpop.generateKeyPair('ES256'), await dpop.generateKeyPair('ES256')]
    const proof = await dpop.generateProof(mine, `${ISSUER}/token`, 'POST')
    const issued = await bodyOf(await bound.token('auditor', { grant_type: 'client_credentials' }, { dpop: proof }))
    expect(issued['token_type']).toBe('DPoP')
    const token = String(issued['access_token'])
    const ask = async (headers: Record<string, string>): Promise<number> =>
      (await bound.authority.app.request(`${ISSUER}/v1/keys`, { headers })).status
    const prove = (pair: dpop.KeyPair, text = token): Promise<string> =>
      dpop.generateProof(pair, `${ISSUER}/v1/keys`, 'GET', undefined, text)
    const once = await prove(mine)
    expect(await ask({ authorization: `DPoP ${token}`, dpop: once })).toBe(200)
    expect(await ask({ authorization: `DPoP ${token}`, dpop: once })).toBe(401)
    expect(await ask({ authorization: `DPoP ${token}`, dpop: await prove(other) })).toBe(401)
    expect(await ask({ authorization: `DPoP ${token}`, dpop: await prove(mine, 'another') })).toBe(401)
    expect(await ask({ authorization: `DPoP ${token}` })).toBe(401)
    expect(await ask({ authorization: `Bearer ${token}` })).toBe(401)
    expect(await ask({ authorization: `Bearer ${token}`, dpop: await prove(mine) })).toBe(401)
    await bound.authority.close()
  })
})
