// `authorization_details` of a token request (RFC 9396): less can be asked for, and what comes of that stays less.

import { type Grant, toAuthorizationDetails, unpackGrants } from '@cardea/claims'
import { entityUid } from '@cardea/policy'
import { decodeToken } from '@cardea/token'
import fc from 'fast-check'
import * as oauth from 'oauth4webapi'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  ACCESS_TOKEN,
  bodyOf,
  createWorld,
  DOCS,
  EXCHANGE,
  ID_TOKEN,
  IDP,
  ISSUER,
  MAIL,
  NOW,
  SECRETS,
  type World,
} from '../fixture.ts'

type Form = Record<string, string>
type Detail = Readonly<Record<string, unknown>>

const viewer = (identifier: string, changes: Detail = {}): Detail => ({
  type: 'cardea_grant',
  privileges: ['viewer'],
  datatypes: ['Document'],
  identifier,
  ...changes,
})
const ask = (...details: readonly unknown[]): Form => ({ authorization_details: JSON.stringify(details) })

let world: World
beforeEach(async () => {
  world = await createWorld({
    audiences: [{ id: DOCS }, { id: MAIL }],
    clients: [
      { id: 'web-server', secret: SECRETS['web-server'], audiences: [DOCS, MAIL], session: true },
      { id: 'app', audiences: [DOCS], session: true },
      { id: 'docs', secret: SECRETS.docs, roles: ['guard'], audiences: [DOCS], exchanges: [{ from: DOCS, to: MAIL }] },
      { id: 'mail', secret: SECRETS.mail, exchanges: [{ from: MAIL, to: DOCS }] },
      { id: 'admin', secret: SECRETS.admin, roles: ['admin'] },
    ],
    providers: [
      {
        issuer: IDP,
        clients: ['web-server', 'app'],
        tenants: { org_acme: 'acme' },
        tenantClaim: 'org_id',
        attributes: { tenant: '$tenant' },
        parents: { Role: 'roles' },
        algorithms: ['ES256'],
      },
    ],
  })
  for (const id of ['a', 'b', 'c']) await give(id)
})
afterEach(() => world.authority.close())

async function give(id: string, changes: Form = {}): Promise<string> {
  const grant = {
    tenant: 'acme',
    grantee: 'User::"ann"',
    template: 'viewer',
    resource: `Document::"${id}"`,
    ...changes,
  }
  return (await world.authority.service.grant(grant)).id
}

function grantsOf(token: unknown): readonly Grant[] {
  const { grants } = decodeToken(String(token)).unverifiedClaims
  return unpackGrants(grants, 'acme')
}

const idsOf = (token: unknown): readonly string[] => grantsOf(token).map(({ resource }) => resource.id)

async function issued(response: Promise<Response>): Promise<Record<string, unknown>> {
  const body = await bodyOf(await response)
  expect(body['code']).toBeUndefined()
  return body
}

async function expectRefused(response: Response): Promise<void> {
  expect(await bodyOf(response)).toMatchObject({
    error: 'invalid_authorization_details',
    code: 'ERR_AUTHORITY_DETAILS',
  })
  expect(response.status).toBe(400)
}

const refresh = (token: unknown, form: Form = {}): Promise<Response> =>
  world.token('web-server', { grant_type: 'refresh_token', refresh_token: String(token), ...form })

const passOn = (client: 'docs' | 'mail', token: unknown, form: Form = {}): Promise<Response> =>
  world.token(client, {
    grant_type: EXCHANGE,
    subject_token: String(token),
    subject_token_type: ACCESS_TOKEN,
    audience: client === 'docs' ? MAIL : DOCS,
    ...form,
  })

describe('a client that asks for less', () => {
  test('gets the grants that it named, and is told which', async () => {
    const body = await issued(world.exchange(ask(viewer('b'))))
    expect(idsOf(body['access_token'])).toEqual(['b'])
    expect(body['authorization_details']).toEqual([viewer('b', { grantee: 'User::"ann"' })])
    expect(body['authorization_details']).toEqual(toAuthorizationDetails(grantsOf(body['access_token'])))
  })

  test('gets the same attributes, roles and teams as without', async () => {
    const subject_token = await world.provider.idToken()
    const [whole, less] = [
      await issued(world.exchange({ subject_token })),
      await issued(world.exchange({ subject_token, ...ask(viewer('a')) })),
    ]
    const [all, some] = [whole, less].map(({ access_token: text }) => decodeToken(String(text)).unverifiedClaims)
    for (const name of ['attrs', 'groups', 'plan', 'tenant', 'acr', 'amr', 'auth_time', 'sid', 'exp']) {
      expect([name, some?.[name]]).toEqual([name, all?.[name]])
    }
    expect(whole).not.toHaveProperty('authorization_details')
    expect(all).not.toHaveProperty('narrowed')
    expect(some?.['narrowed']).toBe(true)
  })

  test('may say what introspection showed', async () => {
    const { access_token: text } = await issued(world.exchange())
    const shown = toAuthorizationDetails(grantsOf(text))
    expect(shown).toHaveLength(3)
    expect(idsOf((await issued(world.exchange(ask(...shown))))['access_token'])).toEqual(['a', 'b', 'c'])
  })

  test('for more than there is gets what there is', async () => {
    const body = await issued(
      world.exchange(ask(viewer('b'), viewer('not mine'), viewer('a', { privileges: ['editor'] }))),
    )
    expect(idsOf(body['access_token'])).toEqual(['b'])
  })

  test('names a grantee or takes whichever', async () => {
    await give('b', { grantee: 'Team::"blue"' })
    const both = await issued(world.exchange(ask(viewer('b'))))
    expect(grantsOf(both['access_token']).map(({ grantee }) => grantee.type)).toEqual(['Team', 'User'])
    const one = await issued(world.exchange(ask(viewer('b', { grantee: 'Team::"blue"' }))))
    expect(grantsOf(one['access_token']).map(({ grantee }) => grantee)).toEqual([entityUid('Team', 'blue')])
  })

  test('may have it end earlier, and never later', async () => {
    await give('d', { until: new Date((NOW + 100) * 1000).toISOString() })
    const time = (seconds: number): string => new Date((NOW + seconds) * 1000).toISOString()
    const body = await issued(
      world.exchange(
        ask(viewer('a', { until: time(50) }), viewer('d', { until: time(500) }), viewer('b', { until: time(0) })),
      ),
    )
    expect(grantsOf(body['access_token']).map(({ resource, untilSeconds }) => [resource.id, untilSeconds])).toEqual([
      ['a', NOW + 50],
      ['d', NOW + 100],
    ])
  })

  test('reads of it in the metadata, and as a standard client', async () => {
    const metadata = await bodyOf(await world.authority.app.request(`${ISSUER}/.well-known/oauth-authorization-server`))
    expect(metadata['authorization_details_types_supported']).toEqual(['cardea_grant'])
    const server = { issuer: ISSUER, token_endpoint: `${ISSUER}/token` }
    const client = { client_id: 'web-server' }
    const response = await world.exchange(ask(viewer('a')))
    const result = await oauth.processGenericTokenEndpointResponse(server, client, response)
    expect(result.authorization_details).toEqual([viewer('a', { grantee: 'User::"ann"' })])
    const refused = oauth.processGenericTokenEndpointResponse(server, client, await world.exchange(ask({ type: 'x' })))
    await expect(refused).rejects.toMatchObject({ error: 'invalid_authorization_details', status: 400 })
  })
})

describe('details are refused:', () => {
  const one = JSON.stringify(viewer('a'))
  const cases: readonly [string, string][] = [
    ['no JSON', 'viewer'],
    ['an object in place of an array', one],
    ['a string in place of an array', JSON.stringify(`[${one}]`)],
    ['a string in place of an object', JSON.stringify([one])],
    ['null', 'null'],
    ['none', '[]'],
    ['an array in an array', `[[${one}]]`],
    ['an unknown type', JSON.stringify([viewer('a', { type: 'payment_initiation' })])],
    ['a type in other letters', JSON.stringify([viewer('a', { type: 'Cardea_Grant' })])],
    ['a type that every object has', JSON.stringify([viewer('a', { type: 'constructor' })])],
    ['no type', JSON.stringify([viewer('a', { type: undefined })])],
    ['a type that is an array', JSON.stringify([viewer('a', { type: ['cardea_grant'] })])],
    ['a good one beside a bad one', `[${one},{"type":"other"}]`],
    ['a member more', JSON.stringify([viewer('a', { actions: ['view'] })])],
    ['a place', JSON.stringify([viewer('a', { locations: [DOCS] })])],
    ['__proto__', `[${one.slice(0, -1)},"__proto__":{"privileges":["editor"]}}]`],
    ['a name twice', `[${one.slice(0, -1)},"identifier":"b"}]`],
    ['a name twice, once escaped', `[${one.slice(0, -1)},"identifie\\u0072":"b"}]`],
    ['no privilege', JSON.stringify([viewer('a', { privileges: [] })])],
    ['two privileges', JSON.stringify([viewer('a', { privileges: ['viewer', 'editor'] })])],
    ['a privilege that is a string', JSON.stringify([viewer('a', { privileges: 'viewer' })])],
    ['two types of data', JSON.stringify([viewer('a', { datatypes: ['Document', 'Folder'] })])],
    ['no identifier', JSON.stringify([viewer('a', { identifier: undefined })])],
    ['an empty identifier', JSON.stringify([viewer('')])],
    ['an identifier that is a number', JSON.stringify([viewer('a', { identifier: 1 })])],
    ['a list of identifiers', JSON.stringify([viewer('a', { identifier: ['a', 'b'] })])],
    ['a wildcard', JSON.stringify([viewer('*')])],
    ['a wildcard of templates', JSON.stringify([viewer('a', { privileges: ['*'] })])],
    ['a twin of the identifier', JSON.stringify([viewer('A')])],
    ['a grantee that is no entity', JSON.stringify([viewer('a', { grantee: 'ann' })])],
    ['a grantee that is somebody else', JSON.stringify([viewer('a', { grantee: 'User::"bob"' })])],
    ['an end that is a number', JSON.stringify([viewer('a', { until: NOW + 9 })])],
    ['an end in another form', JSON.stringify([viewer('a', { until: 'Fri, 15 Jan 2027 08:00:00 GMT' })])],
    ['an end in another zone', JSON.stringify([viewer('a', { until: '2027-01-16T08:00:00+14:00' })])],
    ['an end on a day that does not exist', JSON.stringify([viewer('a', { until: '2027-02-30T08:00:00Z' })])],
    ['an end that is over', JSON.stringify([viewer('a', { until: '2020-01-01T00:00:00Z' })])],
    ['a thousand', `[${Array.from({ length: 1000 }, () => '{}').join(',')}]`],
    ['more than a hundred', JSON.stringify(Array.from({ length: 101 }, () => viewer('a')))],
    ['ten thousand brackets', '['.repeat(10_000)],
    ['only what is not held', JSON.stringify([viewer('not mine')])],
    ['half a character', '[{"type":"\\ud800"}]'],
  ]
  test.each(cases)('%s', async (_, text) => {
    await expectRefused(await world.exchange({ authorization_details: text }))
    const { refresh_token: token } = await issued(world.exchange())
    await expectRefused(await refresh(token, { authorization_details: text }))
    const { access_token: subject } = await issued(refresh(token))
    await expectRefused(await passOn('docs', subject, { authorization_details: text }))
  })

  test('a hundred are taken', async () => {
    const many = Array.from({ length: 100 }, (_, index) => viewer(index === 0 ? 'a' : `other ${index}`))
    expect(idsOf((await issued(world.exchange(ask(...many))))['access_token'])).toEqual(['a'])
  })

  test('of a token for the authority itself', async () => {
    await expectRefused(await world.token('docs', { grant_type: 'client_credentials', ...ask(viewer('a')) }))
  })

  test('what was sent is not repeated', async () => {
    const response = await world.exchange(ask(viewer('a', { secretword: 'secretword' })))
    expect(await response.text()).not.toContain('secretword')
  })

  test('a refusal opens no session', async () => {
    const subject_token = await world.provider.idToken()
    await expectRefused(await world.exchange({ subject_token, ...ask(viewer('not mine')) }))
    await issued(world.exchange({ subject_token }))
  })
})

describe('what was granted bounds what comes of it:', () => {
  test('a refresh', async () => {
    const { refresh_token: token } = await issued(world.exchange(ask(viewer('a'), viewer('b'))))
    const next = await issued(refresh(token))
    expect(idsOf(next['access_token'])).toEqual(['a', 'b'])
    expect(next['authorization_details']).toHaveLength(2)
    expect(idsOf((await issued(refresh(token, ask(viewer('b'), viewer('c')))))['access_token'])).toEqual(['b'])
    await expectRefused(await refresh(token, ask(viewer('c'))))
  })

  test('less at a refresh is for that once', async () => {
    const { refresh_token: token } = await issued(world.exchange())
    expect(idsOf((await issued(refresh(token, ask(viewer('a')))))['access_token'])).toEqual(['a'])
    const whole = await issued(refresh(token))
    expect(idsOf(whole['access_token'])).toEqual(['a', 'b', 'c'])
    expect(whole).not.toHaveProperty('authorization_details')
  })

  test('also of a token that rotates, and of a retry', async () => {
    const at = (form: Form): Promise<Response> => world.token(undefined, { client_id: 'app', ...form })
    const first = await issued(
      at({
        grant_type: EXCHANGE,
        subject_token: await world.provider.idToken({ aud: 'app' }),
        subject_token_type: ID_TOKEN,
        audience: DOCS,
        ...ask(viewer('a'), viewer('b')),
      }),
    )
    const form = { grant_type: 'refresh_token', refresh_token: String(first['refresh_token']) }
    const second = await issued(at({ ...form, ...ask(viewer('a')) }))
    expect(idsOf(second['access_token'])).toEqual(['a'])
    // a refusal spends nothing, and a retry is not bound by what was asked for at first, but by what was granted
    await expectRefused(await at({ ...form, ...ask(viewer('c')) }))
    const retry = await issued(at(form))
    expect([idsOf(retry['access_token']), retry['refresh_token']]).toEqual([['a', 'b'], second['refresh_token']])
    const third = await issued(at({ ...form, refresh_token: String(second['refresh_token']) }))
    expect(idsOf(third['access_token'])).toEqual(['a', 'b'])
  })

  test('a grant that is made later is not among them; one that is taken back and made again is', async () => {
    const { refresh_token: token } = await issued(world.exchange(ask(viewer('a'), viewer('z'))))
    await give('z')
    expect(idsOf((await issued(refresh(token)))['access_token'])).toEqual(['a'])
    await world.authority.service.revoke({
      kind: 'grant',
      tenant: 'acme',
      grantee: 'User::"ann"',
      template: 'viewer',
      resource: 'Document::"a"',
    })
    expect((await issued(refresh(token)))['authorization_details']).toEqual([])
    await give('a')
    expect(idsOf((await issued(refresh(token)))['access_token'])).toEqual(['a'])
  })

  test('an end that was asked for', async () => {
    const until = new Date((NOW + 50) * 1000).toISOString()
    const { refresh_token: token } = await issued(world.exchange(ask(viewer('a', { until }), viewer('b'))))
    const ends = grantsOf((await issued(refresh(token)))['access_token'])
    expect(ends.map(({ resource, untilSeconds }) => [resource.id, untilSeconds])).toEqual([
      ['b', undefined],
      ['a', NOW + 50],
    ])
    world.clock.seconds += 50
    expect(idsOf((await issued(refresh(token)))['access_token'])).toEqual(['b'])
  })

  test('a token that is passed on, also twice, and further narrowed', async () => {
    const { access_token: subject } = await issued(world.exchange(ask(viewer('a'), viewer('b'))))
    const second = await issued(passOn('docs', subject))
    expect(idsOf(second['access_token'])).toEqual(['a', 'b'])
    const third = await issued(passOn('mail', second['access_token'], ask(viewer('b'), viewer('c'))))
    expect(idsOf(third['access_token'])).toEqual(['b'])
    const fourth = await issued(passOn('docs', third['access_token']))
    expect(idsOf(fourth['access_token'])).toEqual(['b'])
    await expectRefused(await passOn('docs', third['access_token'], ask(viewer('a'))))
  })

  test('a token that was narrowed to nothing passes on nothing', async () => {
    const { access_token: subject } = await issued(world.exchange(ask(viewer('a'))))
    await world.authority.service.revoke({
      kind: 'grant',
      tenant: 'acme',
      grantee: 'User::"ann"',
      template: 'viewer',
      resource: 'Document::"a"',
    })
    const second = await issued(passOn('docs', subject))
    expect([idsOf(second['access_token']), second['authorization_details']]).toEqual([[], []])
    await give('a')
    expect(idsOf((await issued(passOn('mail', second['access_token'])))['access_token'])).toEqual([])
  })

  test('whoever holds the sign-in itself may exchange it again, for other details or none', async () => {
    const subject_token = await world.provider.idToken()
    expect(idsOf((await issued(world.exchange({ subject_token, ...ask(viewer('a')) })))['access_token'])).toEqual(['a'])
    expect(idsOf((await issued(world.exchange({ subject_token })))['access_token'])).toEqual(['a', 'b', 'c'])
  })
})

describe('narrowing never widens', () => {
  const detail = fc
    .record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      template: fc.constantFrom('viewer', 'editor'),
      team: fc.boolean(),
      until: fc.option(fc.integer({ min: -1, max: 90 }), { nil: undefined }),
    })
    .map(({ id, template, team, until }) =>
      viewer(id, {
        privileges: [template],
        ...(team ? { grantee: 'Team::"blue"' } : {}),
        ...(until === undefined ? {} : { until: new Date((NOW + until) * 1000).toISOString() }),
      }),
    )
  const request = fc.option(fc.array(detail, { minLength: 1, maxLength: 4 }), { nil: undefined })
  const step = fc.record({ how: fc.constantFrom('refresh', 'pass on'), details: request })

  const keyOf = ({ grantee, template, resource }: Grant): string => JSON.stringify([grantee, template, resource])
  const within = (some: readonly Grant[], all: readonly Grant[]): boolean => {
    const ends = new Map(all.map((grant) => [keyOf(grant), grant.untilSeconds ?? Number.POSITIVE_INFINITY]))
    return some.every((grant) => (grant.untilSeconds ?? Number.POSITIVE_INFINITY) <= (ends.get(keyOf(grant)) ?? -1))
  }

  test('whatever is asked for at an exchange, a refresh or a passing on, in any order', async () => {
    await give('b', { grantee: 'Team::"blue"', template: 'editor' })
    await give('d', { grantee: 'Team::"blue"', until: new Date((NOW + 60) * 1000).toISOString() })
    const seen = { issued: 0, refused: 0, refreshed: 0, passed: 0 }
    await fc.assert(
      fc.asyncProperty(request, fc.array(step, { maxLength: 5 }), async (first, steps) => {
        const begun = await bodyOf(
          await world.exchange({
            subject_token: await world.provider.idToken({ nonce: crypto.randomUUID() }),
            ...(first === undefined ? {} : ask(...first)),
          }),
        )
        if (begun['code'] !== undefined) {
          expect(begun['code']).toBe('ERR_AUTHORITY_DETAILS')
          seen.refused += 1
          return
        }
        const refreshToken = begun['refresh_token']
        const bound = grantsOf(begun['access_token'])
        let last = begun
        let turns = 0
        for (const { how, details } of steps) {
          const before = how === 'refresh' ? bound : grantsOf(last['access_token'])
          const isNarrowed = how === 'refresh' ? first !== undefined : 'authorization_details' in last
          const form = details === undefined ? {} : ask(...details)
          if (how === 'pass on' && turns >= 3) break
          const response =
            how === 'refresh'
              ? refresh(refreshToken, form)
              : passOn(turns % 2 === 0 ? 'docs' : 'mail', last['access_token'], form)
          const body = await bodyOf(await response)
          if (body['code'] !== undefined) {
            expect(body['code']).toBe('ERR_AUTHORITY_DETAILS')
            expect(details).toBeDefined()
            seen.refused += 1
            continue
          }
          turns = how === 'refresh' ? 0 : turns + 1
          const after = grantsOf(body['access_token'])
          expect(within(after, before)).toBe(true)
          expect('authorization_details' in body).toBe(isNarrowed || details !== undefined)
          seen.issued += 1
          seen[how === 'refresh' ? 'refreshed' : 'passed'] += 1
          last = body
        }
      }),
      { numRuns: 60 },
    )
    for (const [what, times] of Object.entries(seen)) expect([what, times > 5]).toEqual([what, true])
  })
})
