// POST /revoke, RFC 7009: with our own JWTs, by their `jti`.

import { generateSigningKey } from '@cardea/token'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bodyOf, createWorld, DOCS, ISSUER, postForm, type World } from '../fixture.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.authority.close())
beforeEach(() => {
  world.clock.seconds += 10
})

const revoke = (form: Record<string, string>, client: string | null = 'web-server'): Promise<Response> =>
  postForm(world.authority, '/revoke', client ?? undefined, form)

async function token(): Promise<string> {
  return String((await bodyOf(await world.exchange()))['access_token'])
}

async function revocations(): Promise<unknown[]> {
  const snapshot = await bodyOf(await world.api('docs', 'GET', `/v1/feed/snapshot?audience=${DOCS}`))
  return snapshot['revocations'] as unknown[]
}

describe('revoking a token', () => {
  test.each(['access_token', 'refresh_token', 'nonsense'])(
    'tells every guard at once, whatever it is called: %s',
    async (hint) => {
      const text = await token()
      const { jti } = JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString())
      const response = await revoke({ token: text, token_type_hint: hint })
      expect(response.status).toBe(200)
      expect(await response.text()).toBe('')
      expect(await revocations()).toContainEqual(expect.objectContaining({ key: { kind: 'token', iss: ISSUER, jti } }))
    },
  )

  const ignored: readonly [string, () => Promise<string>][] = [
    ['nonsense', async () => 'nonsense'],
    ['an ID token', () => world.provider.idToken()],
    [
      'a forgery',
      async () =>
        world.provider.idToken(
          { iss: ISSUER, client_id: 'web-server', jti: 'j' },
          await generateSigningKey('ES256'),
          'at+jwt',
        ),
    ],
    [
      'one that has expired',
      async () => {
        const text = await token()
        world.clock.seconds += 300
        return text
      },
    ],
  ]
  test.each(ignored)('%s is answered 200 and changes nothing', async (_, make) => {
    const before = (await revocations()).length
    const response = await revoke({ token: await make() })
    expect(response.status).toBe(200)
    expect(response.headers.get('cardea-position')).toBeNull()
    expect((await revocations()).length).toBeLessThanOrEqual(before)
  })

  test("another client's is refused", async () => {
    const before = await revocations()
    const response = await revoke({ token: await token() }, 'docs')
    expect(response.status).toBe(400)
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_request' })
    expect(await revocations()).toEqual(before)
  })

  test('needs a client and a token', async () => {
    expect((await revoke({ token: 'x' }, null)).status).toBe(401)
    expect((await revoke({})).status).toBe(400)
  })
})

describe('a revocation by the API', () => {
  const bad: readonly [string, unknown][] = [
    ['of an unknown kind', { kind: 'world' }],
    ['of no kind', {}],
    ['with a missing member', { kind: 'token', jti: 'j' }],
    ['with a member too many', { kind: 'all', tenant: 'acme' }],
    ['of a number', { kind: 'session', sid: 1 }],
  ]
  test.each(bad)('%s is refused', async (_, key) => {
    expect((await world.api('admin', 'POST', '/v1/revocations', { key })).status).toBe(400)
  })

  test('of a grant that is no entity is refused', async () => {
    const key = { kind: 'grant', tenant: 'acme', grantee: 'ann', template: 'viewer', resource: 'x' }
    const response = await world.api('admin', 'POST', '/v1/revocations', { key })
    expect(response.status).toBe(422)
    expect(await bodyOf(response)).toMatchObject({ code: 'ERR_AUTHORITY_REVOCATION' })
  })
})
