// POST /token with a provider's assertion, RFC 7523 section 2.1: a sign-in that counts once.

import { decodeToken, generateSigningKey, type SigningKey, type TokenClaims } from '@cardea/token'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bodyOf, createWorld, DOCS, IDP, ISSUER, MAIL, SECRETS, type World } from '../fixture.ts'

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

type Form = Record<string, string>

let world: World
beforeAll(async () => {
  world = await createWorld({
    providers: [
      {
        issuer: IDP,
        clients: { backend: 'backend-at-idp', app: 'app-at-idp' },
        tenants: { org_acme: 'acme' },
        tenantClaim: 'org_id',
        attributes: { tenant: '$tenant' },
        parents: { Role: 'roles' },
        algorithms: ['ES256'],
        jwtBearer: true,
      },
    ],
  })
})
afterAll(() => world.authority.close())
beforeEach(() => {
  world.clock.seconds += 1000
})

async function assertion(changes: Partial<TokenClaims> = {}, key?: SigningKey, type?: string): Promise<string> {
  const given = { aud: ISSUER, jti: crypto.randomUUID(), exp: world.clock.seconds + 200, nonce: undefined }
  return world.provider.idToken({ ...given, ...changes }, key, type)
}

async function present(text: string, form: Form = {}, client: string | undefined = 'backend'): Promise<Response> {
  return world.token(client, { grant_type: JWT_BEARER, assertion: text, audience: DOCS, ...form })
}

describe('an assertion', () => {
  test('gives a token for whom it speaks of, as strong as it says, and a refresh token', async () => {
    const response = await present(await assertion())
    expect(response.status).toBe(200)
    const body = await bodyOf(response)
    expect(body).not.toHaveProperty('issued_token_type')
    const { unverifiedClaims: claims } = decodeToken(String(body['access_token']))
    expect(claims).toMatchObject({
      sub: 'ann',
      tenant: 'acme',
      client_id: 'backend',
      acr: 'mfa',
      auth_time: world.clock.seconds - 60,
    })
    const form = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) }
    const refreshed = await world.token('backend', form)
    expect(decodeToken(String((await bodyOf(refreshed))['access_token'])).unverifiedClaims['sid']).toBe(claims['sid'])
  })

  test('may name the client that brings it', async () => {
    expect((await present(await assertion({ azp: 'backend-at-idp' }))).status).toBe(200)
    expect((await present(await assertion({ client_id: 'backend-at-idp' }))).status).toBe(200)
  })

  test('counts once, however often it is sent at once, and is not used up by a request that is refused', async () => {
    const text = await assertion()
    expect((await present(text, { scope: 'x' })).status).toBe(400)
    expect((await present(text, { audience: MAIL })).status).toBe(400)
    const answers = await Promise.all(Array.from({ length: 20 }, () => present(text)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const refused = answers.filter(({ status }) => status === 400)
    expect(refused).toHaveLength(19)
    for (const response of refused) {
      expect(await bodyOf(response)).toMatchObject({ error: 'invalid_grant', code: 'ERR_AUTHORITY_SUBJECT_TOKEN' })
    }
  })

  test('from before a revocation brings nothing back', async () => {
    const own = await createWorld({ provider: world.provider, clock: world.clock, providers: world.options.providers })
    await own.authority.service.revoke({ kind: 'tenant', tenant: 'acme' })
    const response = await own.token('backend', {
      grant_type: JWT_BEARER,
      assertion: await assertion(),
      audience: DOCS,
    })
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_grant', code: 'ERR_AUTHORITY_SUBJECT_REVOKED' })
    await own.authority.close()
  })
})

describe('an assertion is refused', () => {
  const TOKEN = 'ERR_AUTHORITY_SUBJECT_TOKEN'
  const now = (): number => world.clock.seconds
  const cases: readonly [string, () => Promise<string>, string][] = [
    ['for the token endpoint', () => assertion({ aud: `${ISSUER}/token` }), TOKEN],
    ['for two', () => assertion({ aud: [ISSUER, 'https://other.example'] }), TOKEN],
    ['for another authority', () => assertion({ aud: 'https://other.example' }), TOKEN],
    ['that is an ID token', () => world.provider.idToken({ aud: 'backend-at-idp', jti: 'j' }), TOKEN],
    ['that is an access token by its scope', () => assertion({ scope: 'openid' }), TOKEN],
    ['that is an access token by its scp', () => assertion({ scp: ['read'] }), TOKEN],
    ['that is an access token by its use', () => assertion({ token_use: 'access' }), TOKEN],
    ['of another kind', () => assertion({ client_id: 'backend-at-idp' }, undefined, 'at+jwt'), TOKEN],
    ['for another client, by `azp`', () => assertion({ azp: 'app-at-idp' }), TOKEN],
    ['for another client, by `client_id`', () => assertion({ client_id: 'backend' }), TOKEN],
    ['without a number', () => world.provider.idToken({ aud: ISSUER, exp: now() + 200 }), TOKEN],
    ['that has expired', () => assertion({ iat: now() - 100, exp: now() }), TOKEN],
    ['that lives for too long', () => assertion({ iat: now(), exp: now() + 301 }), TOKEN],
    ['from the future', () => assertion({ iat: now() + 11 }), TOKEN],
    ['signed by nobody', async () => assertion({}, await generateSigningKey('ES256')), TOKEN],
    ['of an unknown issuer', () => assertion({ iss: 'https://evil.example' }), 'ERR_AUTHORITY_ISSUER_UNKNOWN'],
    ['of this authority', () => assertion({ iss: ISSUER }), 'ERR_AUTHORITY_ISSUER_UNKNOWN'],
    ['of a foreign tenant', () => assertion({ org_id: 'org_evil' }), 'ERR_AUTHORITY_TENANT'],
    ['without mapped roles', () => assertion({ roles: undefined }), 'ERR_AUTHORITY_CLAIMS'],
    ['that is nonsense', async () => 'nonsense', TOKEN],
  ]
  test.each(cases)('%s', async (_, make, code) => {
    const response = await present(await make())
    expect(response.status).toBe(400)
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_grant', code })
  })

  test('from a public client, for whoever holds it would do', async () => {
    const form = { client_id: 'app', grant_type: JWT_BEARER, assertion: await assertion(), audience: DOCS }
    expect(await bodyOf(await world.token(undefined, form))).toMatchObject({ error: 'invalid_client' })
  })

  test('from a client that its provider does not serve, and from a provider that is not asked for any', async () => {
    const text = await assertion()
    expect(await bodyOf(await present(text, {}, 'web-server'))).toMatchObject({ code: 'ERR_AUTHORITY_ISSUER_UNKNOWN' })
    const plain = await createWorld({
      provider: world.provider,
      clock: world.clock,
      clients: [{ id: 'backend', secret: SECRETS.backend, audiences: [DOCS] }],
    })
    const form = { grant_type: JWT_BEARER, assertion: text, audience: DOCS }
    expect(await bodyOf(await plain.token('backend', form))).toMatchObject({ code: 'ERR_AUTHORITY_ISSUER_UNKNOWN' })
    await plain.authority.close()
  })

  test('when it is missing', async () => {
    expect(await bodyOf(await present(''))).toMatchObject({ error: 'invalid_request' })
  })
})
