// What guards of some tenants hear: all that can touch their tokens, nothing of others, and nobody's name.

import { createFeedClient, createRevocations, type FeedClient, type Position, type RevocationKey } from '@cardea/feed'
import { entityUid } from '@cardea/policy'
import { createLocalKeys, decodeToken } from '@cardea/token'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { scopeOf } from '../../src/endpoint/feed/scope.ts'
import { basic, bodyOf, createWorld, DOCS, ISSUER, NOW, type World } from '../fixture.ts'

const ROLES = { roles: ['guard'], audiences: [DOCS], templates: [] } as const
const GUARDS = {
  whole: { ...ROLES, id: 'whole', tenants: [] },
  acme: { ...ROLES, id: 'acme-guard', tenants: ['acme'] },
  both: { ...ROLES, id: 'both-guard', tenants: ['other', 'acme', 'acme'] },
  elsewhere: { ...ROLES, id: 'elsewhere', tenants: ['nowhere'] },
} as const
type GuardName = keyof typeof GUARDS

let world: World
let secrets: Record<string, string>
beforeEach(async () => {
  world = await createWorld({ clock: { seconds: Math.floor(Date.now() / 1000) } })
  secrets = {}
  for (const guard of Object.values(GUARDS)) secrets[guard.id] = (await world.authority.service.enrol(guard)).secret
})
afterEach(() => world.authority.close())

async function tokenOf(name: GuardName): Promise<string> {
  const { id } = GUARDS[name]
  const form = { grant_type: 'client_credentials' }
  const answer = await world.token(undefined, form, { authorization: basic(id, secrets[id] ?? '') })
  return String((await bodyOf(answer))['access_token'])
}

async function ask(name: GuardName, path: string): Promise<Response> {
  const authorization = `Bearer ${await tokenOf(name)}`
  return world.authority.app.request(`${ISSUER}${path}`, { headers: { authorization } })
}

const head = async (): Promise<Position> => {
  const { position } = await bodyOf(await ask('whole', `/v1/feed/head?audience=${DOCS}`))
  return position as Position
}

const revoke = (key: RevocationKey): Promise<unknown> => world.authority.service.revoke(key)
const keysOf = async (name: GuardName): Promise<RevocationKey[]> => {
  const { revocations } = await bodyOf(await ask(name, `/v1/feed/snapshot?audience=${DOCS}`))
  return (revocations as { key: RevocationKey }[]).map(({ key }) => key)
}

describe('a snapshot', () => {
  test('has what is of its tenants and what is of none', async () => {
    await revoke({ kind: 'tenant', tenant: 'acme' })
    await revoke({ kind: 'tenant', tenant: 'other' })
    await revoke({ kind: 'client', clientId: 'browser' })
    await revoke({ kind: 'token', iss: ISSUER, jti: 'of nobody knows whom' })
    const kinds = async (name: GuardName): Promise<unknown[]> =>
      (await keysOf(name)).map((key) => (key.kind === 'tenant' ? key.tenant : key.kind))
    expect(await kinds('whole')).toEqual(['acme', 'other', 'client', 'token'])
    expect(await kinds('both')).toEqual(['acme', 'other', 'client', 'token'])
    expect(await kinds('acme')).toEqual(['acme', 'client', 'token'])
    expect(await kinds('elsewhere')).toEqual(['client', 'token'])
  })

  test('names the tenants, each once, and nobody who was revoked', async () => {
    await revoke({ kind: 'principal', tenant: 'acme', sub: 'ann' })
    const grant = { tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource: 'Document::"plan"' }
    await revoke({ kind: 'grant', ...grant })
    const answer = await ask('both', `/v1/feed/snapshot?audience=${DOCS}`)
    const text = await answer.text()
    expect(text).not.toContain('ann')
    expect(JSON.parse(text)).toMatchObject({ view: { tenants: ['acme', 'other'] } })
  })

  test('and the stream know the tenant of a sign-in, and of a token that was shown', async () => {
    const { access_token: token } = await bodyOf(await world.exchange())
    const { unverifiedClaims: claims } = decodeToken(String(token))
    const { sid } = claims
    if (typeof sid !== 'string') throw new TypeError('the token has no session')
    await revoke({ kind: 'session', sid })
    const form = new URLSearchParams({ token: String(token) })
    const headers = { authorization: basic('web-server', 'the secret of the web server, long') }
    await world.authority.app.request(`${ISSUER}/revoke`, { method: 'POST', body: form, headers })
    expect((await keysOf('acme')).map(({ kind }) => kind)).toEqual(['session', 'token'])
    expect(await keysOf('elsewhere')).toEqual([])
  })
})

describe('a guard that stands in another view', () => {
  const { id } = scopeOf(DOCS, GUARDS.acme)
  const at = async (name: GuardName, view: string | undefined): Promise<number> => {
    const { epoch, seq } = await head()
    const query = `audience=${DOCS}&epoch=${epoch}&after=${seq}${view === undefined ? '' : `&view=${view}`}`
    const response = await ask(name, `/v1/feed/events?${query}`)
    await response.body?.cancel()
    return response.status
  }

  test('cannot go on: it has not heard what this one says', async () => {
    expect(await at('acme', id)).toBe(200)
    expect(await at('whole', undefined)).toBe(200)
    expect(await at('acme', undefined)).toBe(410)
    expect(await at('acme', scopeOf(DOCS, GUARDS.both).id)).toBe(410)
    expect(await at('whole', id)).toBe(410)
  })

  test('is told by the head', async () => {
    await revoke({ kind: 'tenant', tenant: 'acme' })
    await revoke({ kind: 'tenant', tenant: 'other' })
    const { position, prev, view } = await bodyOf(await ask('acme', `/v1/feed/head?audience=${DOCS}`))
    expect({ prev, view }).toEqual({ prev: (position as { seq: number }).seq - 1, view: id })
    expect(await bodyOf(await ask('whole', `/v1/feed/head?audience=${DOCS}`))).toEqual({
      position,
      prev: (position as { seq: number }).seq,
      now: world.clock.seconds,
    })
  })
})

test('a guard of other tenants is told nothing of a token', async () => {
  const { access_token: token } = await bodyOf(await world.exchange())
  const introspect = async (name: GuardName): Promise<unknown> => {
    const { id } = GUARDS[name]
    const authorization = basic(id, secrets[id] ?? '')
    const body = new URLSearchParams({ token: String(token) })
    const init = { method: 'POST', body, headers: { authorization } }
    return (await bodyOf(await world.authority.app.request(`${ISSUER}/introspect`, init)))['active']
  }
  expect(await introspect('acme')).toBe(true)
  expect(await introspect('whole')).toBe(true)
  expect(await introspect('elsewhere')).toBe(false)
})

describe('guards that follow', () => {
  const TENANTS = ['acme', 'other', 'third']
  const SUBJECTS = ['ann', 'bob']
  const clients = new Map<GuardName, FeedClient>()
  afterEach(async () => {
    await Promise.all([...clients.values()].map((client) => client.close()))
    clients.clear()
  })

  const tenant = fc.constantFrom(...TENANTS)
  const key: fc.Arbitrary<RevocationKey> = fc.oneof(
    fc.record({ kind: fc.constant('principal'), tenant, sub: fc.constantFrom(...SUBJECTS) }),
    fc.record({ kind: fc.constant('tenant'), tenant }),
    fc.record({ kind: fc.constant('client'), clientId: fc.constantFrom('app', 'web') }),
    fc.record({
      kind: fc.constant('grant'),
      tenant,
      grantee: fc.constantFrom('User::"ann"', 'User::"bob"'),
      template: fc.constant('viewer'),
      resource: fc.constantFrom('Document::"a"', 'Document::"b"'),
    }),
  )

  test('know all that touches the tokens of their tenants, as who hears everything does', async () => {
    const { url } = await world.authority.listen({ port: 0 })
    for (const name of ['whole', 'acme', 'both'] as const) {
      const client = createFeedClient({
        authority: url,
        audience: DOCS,
        credentials: () => tokenOf(name),
        bundleKeys: createLocalKeys(world.authority.bundleKeys()),
      })
      clients.set(name, client)
      await client.start()
    }
    const judge = createRevocations({ now: () => world.clock.seconds })
    let seq = 0
    await fc.assert(
      fc.asyncProperty(fc.array(key, { minLength: 1, maxLength: 8 }), async (keys) => {
        for (const one of keys) {
          const { position } = await world.authority.service.revoke(one)
          judge.add({ key: one, at: position, revokedAtSeconds: NOW, expiresAtSeconds: world.clock.seconds + 300 })
        }
        const position = await head()
        for (const [name, client] of clients) {
          expect(await client.waitFor(position, 2000)).toBe(true)
          const { tenants, revocations } = client.state()
          for (const of of tenants ?? TENANTS) {
            for (const sub of SUBJECTS) {
              const claims = { iss: ISSUER, sub, tenant: of, client_id: 'app', iat: NOW, epoch: position.epoch, seq }
              const token = { claims, keyId: 'kid' }
              const which = `${name} ${of} ${sub} from ${seq}`
              expect([which, revocations.matchToken(token)?.at]).toEqual([which, judge.matchToken(token)?.at])
              const resource = entityUid('Document', 'a')
              const grant = { tenant: of, grantee: entityUid('User', sub), template: 'viewer', resource }
              expect([which, revocations.matchGrant(token, grant)?.at]).toEqual([
                which,
                judge.matchGrant(token, grant)?.at,
              ])
            }
          }
        }
        // the next tokens are from now on
        seq = position.seq
      }),
      { numRuns: 25 },
    )
    expect(clients.get('acme')?.state().tenants).toEqual(['acme'])
    expect(JSON.stringify(clients.get('whole')?.state().revocations.list())).not.toMatch(/ann|bob/)
  })
})
