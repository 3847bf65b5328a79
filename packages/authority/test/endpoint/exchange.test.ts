// POST /token with an ID token: what comes out, and every way in which nothing does.

import { readPrincipal } from '@cardea/claims'
import { createSchema, formatEntityUid } from '@cardea/policy'
import { createLocalKeys, createVerifier, generateSigningKey, type TokenClaims } from '@cardea/token'
import * as dpop from 'dpop'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  ACCESS_TOKEN,
  bodyOf,
  createWorld,
  DOCS,
  EXCHANGE,
  ID_TOKEN,
  IDP,
  ISSUER,
  keySetOf,
  MAIL,
  type World,
} from '../fixture.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.authority.close())
beforeEach(() => {
  // each test is another second, and so another sign-in
  world.clock.seconds += 10
})

async function claimsOf(response: Response, audience = DOCS): Promise<TokenClaims> {
  const { access_token: token } = await bodyOf(response)
  const jwks = await keySetOf(world)
  const verifier = createVerifier({
    issuer: ISSUER,
    audience,
    keys: createLocalKeys(jwks),
    now: () => world.clock.seconds,
  })
  return (await verifier.verify(String(token))).claims
}

describe('an exchange', () => {
  test('gives a token of RFC 9068 with what the sign-in said and the policy reads', async () => {
    const response = await world.exchange()
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const body = await bodyOf(response.clone())
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 300, issued_token_type: ACCESS_TOKEN })
    const claims = await claimsOf(response)
    expect(claims).toMatchObject({
      iss: ISSUER,
      sub: 'ann',
      aud: DOCS,
      client_id: 'web-server',
      iat: world.clock.seconds,
      exp: world.clock.seconds + 300,
      tenant: 'acme',
      acr: 'mfa',
      amr: ['pwd', 'otp'],
      auth_time: world.clock.seconds - 60,
    })
    const { position } = await bodyOf(await world.api('docs', 'GET', `/v1/feed/head?audience=${DOCS}`))
    expect({ epoch: claims.epoch, seq: claims.seq }).toEqual(position)
    expect(claims['attrs']).toEqual({ tenant: expect.anything() })
    expect(claims.cnf).toBeUndefined()
    expect(claims.net).toBeUndefined()
  })

  test('names a plan by which the principal, its groups and its grants can be read', async () => {
    const grant = { tenant: 'acme', template: 'viewer', resource: 'Document::"plan"' }
    await world.authority.service.grant({ ...grant, grantee: 'User::"ann"' })
    await world.authority.service.grant({ ...grant, grantee: 'Team::"blue"', resource: 'Folder::"shared"' })
    await world.authority.service.grant({ ...grant, grantee: 'Team::"red"', resource: 'Folder::"not mine"' })
    const claims = await claimsOf(await world.exchange())
    const current = await bodyOf(await world.api('docs', 'GET', `/v1/feed/snapshot?audience=${DOCS}`))
    const bundle = current['bundle'] as { digest: string }
    const jws = await (await world.api('docs', 'GET', `/v1/bundles/${bundle.digest}`)).text()
    const content = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString())
    const facts = readPrincipal(claims, { schema: createSchema(content.schema), plan: content.plans[0] })
    expect(formatEntityUid(facts.principal)).toBe('User::"ann"')
    expect(facts.entities.get(facts.principal)?.ancestors.get('Role')).toEqual(new Set(['auditor']))
    expect(facts.grants.map(({ resource }) => formatEntityUid(resource)).sort()).toEqual([
      'Document::"plan"',
      'Folder::"shared"',
    ])
  })

  test('gives the same person the same id, and other tenants and subjects others', async () => {
    const subject = async (changes: object): Promise<string> =>
      (await claimsOf(await world.exchange({ subject_token: await world.provider.idToken(changes) }))).sub
    const bob = await subject({ sub: 'bob' })
    expect(await subject({ sub: 'bob', nonce: 'another sign-in' })).toBe(bob)
    expect(await subject({ sub: 'bob', org_id: 'org_other' })).not.toBe(bob)
    expect(await subject({ sub: 'bob2' })).not.toBe(bob)
  })

  test('of one ID token twice is one session', async () => {
    const subjectToken = await world.provider.idToken()
    const first = await claimsOf(await world.exchange({ subject_token: subjectToken }))
    const second = await claimsOf(await world.exchange({ subject_token: subjectToken }))
    expect(second.sid).toBe(first.sid)
    expect(second.jti).not.toBe(first.jti)
  })

  test('ends with the sign-in, whatever the life of tokens is', async () => {
    const late = await createWorld({
      provider: world.provider,
      clock: world.clock,
      audiences: [{ id: DOCS }, { id: MAIL }],
    })
    const idToken = await world.provider.idToken({ iat: world.clock.seconds - 28_700, exp: world.clock.seconds + 600 })
    const body = await bodyOf(await late.exchange({ subject_token: idToken }))
    expect(body['expires_in']).toBe(100)
    await late.authority.close()
  })

  test('takes an address range from a confidential client', async () => {
    const claims = await claimsOf(
      await world.exchange({ bind_address: '10.0.0.0/8 2001:db8::/32 192.0.2.7 2001:db8::7' }),
    )
    expect(claims.net).toEqual(['10.0.0.0/8', '2001:db8::/32', '192.0.2.7/32', '2001:db8::7/128'])
  })

  test('takes a `resource` for an `audience`', async () => {
    const response = await world.exchange({ audience: '', resource: DOCS })
    expect((await claimsOf(response)).aud).toBe(DOCS)
  })

  test('serves a public client by its name alone', async () => {
    const response = await world.token(undefined, {
      grant_type: EXCHANGE,
      client_id: 'browser',
      subject_token: await world.provider.idToken({ aud: 'browser' }),
      subject_token_type: ID_TOKEN,
      audience: DOCS,
    })
    expect((await claimsOf(response)).client_id).toBe('browser')
  })
})

describe('a subject token is refused', () => {
  const cases: readonly [string, (world: World) => Promise<string>, string][] = [
    ['for another client', ({ provider }) => provider.idToken({ aud: 'browser' }), 'ERR_AUTHORITY_SUBJECT_TOKEN'],
    [
      'for two without `azp`',
      ({ provider }) => provider.idToken({ aud: ['web-server', 'x'] }),
      'ERR_AUTHORITY_SUBJECT_TOKEN',
    ],
    [
      'with the `azp` of another',
      ({ provider }) => provider.idToken({ azp: 'browser' }),
      'ERR_AUTHORITY_SUBJECT_TOKEN',
    ],
    [
      'that is an access token by its scope',
      ({ provider }) => provider.idToken({ scope: 'openid' }),
      'ERR_AUTHORITY_SUBJECT_TOKEN',
    ],
    [
      'that is an access token by its use',
      ({ provider }) => provider.idToken({ token_use: 'access' }),
      'ERR_AUTHORITY_SUBJECT_TOKEN',
    ],
    [
      'of the kind `at+jwt`',
      ({ provider }) => provider.idToken({ client_id: 'web-server', jti: 'j' }, provider.key, 'at+jwt'),
      'ERR_AUTHORITY_SUBJECT_TOKEN',
    ],
    [
      'that has expired',
      ({ provider, clock }) => provider.idToken({ iat: clock.seconds - 100, exp: clock.seconds }),
      'ERR_AUTHORITY_SUBJECT_TOKEN',
    ],
    [
      'signed by a key of nobody',
      async ({ provider }) => provider.idToken({}, await generateSigningKey('ES256')),
      'ERR_AUTHORITY_SUBJECT_TOKEN',
    ],
    [
      "signed by a key of nobody with the provider's key id",
      async ({ provider }) => provider.idToken({}, await generateSigningKey('ES256', { kid: provider.key.kid })),
      'ERR_AUTHORITY_SUBJECT_TOKEN',
    ],
    [
      'of an unknown issuer',
      ({ provider }) => provider.idToken({ iss: 'https://evil.example' }),
      'ERR_AUTHORITY_ISSUER_UNKNOWN',
    ],
    ['of a twin of the issuer', ({ provider }) => provider.idToken({ iss: `${IDP}/` }), 'ERR_AUTHORITY_ISSUER_UNKNOWN'],
    ['that is no token', async () => 'nonsense', 'ERR_AUTHORITY_SUBJECT_TOKEN'],
    ['that names no tenant', ({ provider }) => provider.idToken({ org_id: undefined }), 'ERR_AUTHORITY_TENANT'],
    ['that names a foreign tenant', ({ provider }) => provider.idToken({ org_id: 'org_evil' }), 'ERR_AUTHORITY_TENANT'],
    [
      'that names a tenant by our name for it',
      ({ provider }) => provider.idToken({ org_id: 'acme' }),
      'ERR_AUTHORITY_TENANT',
    ],
    [
      'that names `constructor` as tenant',
      ({ provider }) => provider.idToken({ org_id: 'constructor' }),
      'ERR_AUTHORITY_TENANT',
    ],
    [
      'without the roles that are mapped',
      ({ provider }) => provider.idToken({ roles: undefined }),
      'ERR_AUTHORITY_CLAIMS',
    ],
    ['with roles of another form', ({ provider }) => provider.idToken({ roles: 'admin' }), 'ERR_AUTHORITY_CLAIMS'],
    [
      'with groups that are elsewhere',
      ({ provider }) => provider.idToken({ _claim_names: { roles: 'src1' } }),
      'ERR_AUTHORITY_CLAIMS_OVERAGE',
    ],
    [
      'with too many groups to name',
      ({ provider }) => provider.idToken({ hasgroups: true }),
      'ERR_AUTHORITY_CLAIMS_OVERAGE',
    ],
    [
      'older than its sign-in may be',
      ({ provider, clock }) => provider.idToken({ iat: clock.seconds - 28_800, exp: clock.seconds + 10 }),
      'ERR_AUTHORITY_SUBJECT_AGE',
    ],
  ]
  test.each(cases)('%s', async (_, make, code) => {
    const response = await world.exchange({ subject_token: await make(world) })
    expect(response.status).toBe(400)
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_grant', code })
  })

  test('when any bit of it is flipped', async () => {
    const token = await world.provider.idToken()
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: token.length - 1 }), fc.integer({ min: 0, max: 6 }), async (index, bit) => {
        const flipped = String.fromCharCode(token.charCodeAt(index) ^ (1 << bit))
        const changed = token.slice(0, index) + flipped + token.slice(index + 1)
        const response = await world.exchange({ subject_token: changed })
        expect(response.status).toBe(400)
      }),
      { numRuns: 60 },
    )
  })
})

describe('an exchange is refused', () => {
  const cases: readonly [string, Record<string, string>, string, string][] = [
    ['for an unknown audience', { audience: 'https://unknown.example' }, 'invalid_target', 'ERR_AUTHORITY_TARGET'],
    ['for a twin of an audience', { audience: `${DOCS}/` }, 'invalid_target', 'ERR_AUTHORITY_TARGET'],
    ['for the authority itself', { audience: ISSUER }, 'invalid_target', 'ERR_AUTHORITY_TARGET'],
    ['for two audiences', { audience: DOCS, resource: MAIL }, 'invalid_target', 'ERR_AUTHORITY_TARGET'],
    ['for none', { audience: '' }, 'invalid_target', 'ERR_AUTHORITY_TARGET'],
    ['with a scope', { scope: 'everything' }, 'invalid_scope', 'ERR_AUTHORITY_SCOPE'],
    ['with no details', { authorization_details: '[]' }, 'invalid_authorization_details', 'ERR_AUTHORITY_DETAILS'],
    [
      'with another kind of subject token',
      { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' },
      'invalid_request',
      'ERR_AUTHORITY_TOKEN_TYPE',
    ],
    ['for another kind of token', { requested_token_type: ID_TOKEN }, 'invalid_request', 'ERR_AUTHORITY_TOKEN_TYPE'],
    [
      'with an actor of another kind',
      { actor_token: 'x', actor_token_type: ID_TOKEN },
      'invalid_request',
      'ERR_AUTHORITY_TOKEN_TYPE',
    ],
    ['bound to nonsense', { bind_address: 'here' }, 'invalid_request', 'ERR_AUTHORITY_BIND_ADDRESS'],
    ['bound to an impossible range', { bind_address: '10.0.0.0/33' }, 'invalid_request', 'ERR_AUTHORITY_BIND_ADDRESS'],
    ['without a key where one is needed', { audience: MAIL }, 'invalid_dpop_proof', 'ERR_AUTHORITY_DPOP'],
  ]
  test.each(cases)('%s', async (_, form, error, code) => {
    const response = await world.exchange(form)
    expect(response.status).toBe(400)
    expect(await bodyOf(response)).toMatchObject({ error, code })
  })

  test('for an audience that exists but not for this client, in the same words as for one that does not', async () => {
    const ask = async (audience: string): Promise<Record<string, unknown>> => {
      const response = await world.token(undefined, {
        grant_type: EXCHANGE,
        client_id: 'browser',
        subject_token: await world.provider.idToken({ aud: 'browser' }),
        subject_token_type: ID_TOKEN,
        audience,
      })
      const { correlation: _, ...rest } = await bodyOf(response)
      return rest
    }
    expect(await ask(MAIL)).toEqual(await ask('https://unknown.example'))
  })

  test('with an address range by a public client', async () => {
    const response = await world.token(undefined, {
      grant_type: EXCHANGE,
      client_id: 'browser',
      subject_token: await world.provider.idToken({ aud: 'browser' }),
      subject_token_type: ID_TOKEN,
      audience: DOCS,
      bind_address: '10.0.0.0/8',
    })
    expect(await bodyOf(response)).toMatchObject({ code: 'ERR_AUTHORITY_BIND_ADDRESS' })
  })

  test('before any policy is published', async () => {
    const empty = await createWorld({ publish: false, provider: world.provider, clock: world.clock })
    const response = await empty.exchange()
    expect(response.status).toBe(503)
    expect(await bodyOf(response)).toMatchObject({ code: 'ERR_AUTHORITY_NO_POLICY' })
    await empty.authority.close()
  })

  test('when the grants do not fit the token, and must not go by reference', async () => {
    const small = await createWorld({
      provider: world.provider,
      clock: world.clock,
      audiences: [{ id: DOCS, maxTokenBytes: 1024, grantsByReference: false }, { id: MAIL }],
    })
    for (let n = 0; n < 30; n += 1) {
      const resource = `Document::"${crypto.randomUUID()}"`
      await small.authority.service.grant({ tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource })
    }
    const response = await small.exchange()
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_target', code: 'ERR_AUTHORITY_BUDGET' })
    await small.authority.close()
  })
})

describe('a sign-in does not come back', () => {
  const revocations: readonly [string, (claims: TokenClaims) => object][] = [
    ['its session', ({ sid }) => ({ kind: 'session', sid })],
    ['its principal', ({ sub, tenant }) => ({ kind: 'principal', tenant, sub })],
    ['its client', () => ({ kind: 'client', clientId: 'web-server' })],
    ['its tenant', ({ tenant }) => ({ kind: 'tenant', tenant })],
    ['everything', () => ({ kind: 'all' })],
  ]
  test.each(revocations)('after %s was revoked, while a new sign-in does', async (_, keyOf) => {
    const own = await createWorld({ provider: world.provider, clock: world.clock })
    const used = await world.provider.idToken()
    const unused = await world.provider.idToken({ nonce: 'not presented yet' })
    const claims = await claimsOfAny(await own.exchange({ subject_token: used }))
    const revoked = await own.api('admin', 'POST', '/v1/revocations', { key: keyOf(claims) })
    expect(revoked.status).toBe(201)
    expect(await bodyOf(await own.exchange({ subject_token: used }))).toMatchObject({ error: 'invalid_grant' })
    const isOne = _ === 'its session'
    expect((await own.exchange({ subject_token: unused })).status).toBe(isOne ? 200 : 400)
    world.clock.seconds += 10
    expect((await own.exchange({ subject_token: await world.provider.idToken() })).status).toBe(200)
    await own.authority.close()
  })

  async function claimsOfAny(response: Response): Promise<TokenClaims> {
    const { access_token: token } = await bodyOf(response)
    return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())
  }
})

describe('DPoP at the token endpoint', () => {
  // the client library has the system's clock
  beforeAll(async () => {
    await world.authority.close()
    world = await createWorld({ clock: { seconds: Math.floor(Date.now() / 1000) - 10 } })
  })
  beforeEach(() => {
    world.clock.seconds = Math.floor(Date.now() / 1000)
  })

  async function proof(pair: dpop.KeyPair, url = `${ISSUER}/token`, method = 'POST'): Promise<string> {
    return dpop.generateProof(pair, url, method)
  }

  test('binds the token to the key', async () => {
    const pair = await dpop.generateKeyPair('ES256')
    const response = await world.exchange({ audience: MAIL }, { dpop: await proof(pair) })
    expect(response.status).toBe(200)
    expect(await bodyOf(response.clone())).toMatchObject({ token_type: 'DPoP', expires_in: 60 })
    const claims = await claimsOf(response, MAIL)
    expect(claims.cnf?.jkt).toBe(await dpop.calculateThumbprint(pair.publicKey))
  })

  test('keeps a sign-in to the key that it was first used with', async () => {
    const subjectToken = await world.provider.idToken({ nonce: 'bound' })
    const [mine, other] = [await dpop.generateKeyPair('ES256'), await dpop.generateKeyPair('ES256')]
    const exchange = async (pair: dpop.KeyPair | undefined): Promise<Response> =>
      world.exchange({ subject_token: subjectToken }, pair === undefined ? {} : { dpop: await proof(pair) })
    expect((await exchange(mine)).status).toBe(200)
    expect((await exchange(mine)).status).toBe(200)
    expect(await bodyOf(await exchange(other))).toMatchObject({ code: 'ERR_AUTHORITY_SESSION_KEY' })
    expect(await bodyOf(await exchange(undefined))).toMatchObject({ code: 'ERR_AUTHORITY_SESSION_KEY' })
  })

  const refused: readonly [string, (pair: dpop.KeyPair) => Promise<string>][] = [
    ['of another address', (pair) => proof(pair, `${ISSUER}/revoke`)],
    ['of another method', (pair) => proof(pair, `${ISSUER}/token`, 'GET')],
    ['that is none', async () => 'nonsense'],
    ['that stands twice', async (pair) => `${await proof(pair)}, ${await proof(pair)}`],
  ]
  test.each(refused)('refuses a proof %s', async (_, make) => {
    const response = await world.exchange({}, { dpop: await make(await dpop.generateKeyPair('ES256')) })
    expect(response.status).toBe(400)
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_dpop_proof', code: 'ERR_AUTHORITY_DPOP' })
  })

  test('takes one of fifty parallel uses of a proof', async () => {
    const once = await proof(await dpop.generateKeyPair('ES256'))
    const subjectToken = await world.provider.idToken({ nonce: 'parallel' })
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => world.exchange({ subject_token: subjectToken }, { dpop: once })),
    )
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1)
  })
})
