// What a standard client sees: RFC 8414 metadata, then the exchange, by oauth4webapi over a real socket.

import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACCESS_TOKEN, bodyOf, createWorld, DOCS, EXCHANGE, ID_TOKEN, ISSUER, SECRETS, type World } from '../fixture.ts'

const INSECURE = { [oauth.allowInsecureRequests]: true }

let world: World
let issuer: string
beforeAll(async () => {
  issuer = 'http://127.0.0.1:18321'
  world = await createWorld({ issuer, clock: { seconds: Math.floor(Date.now() / 1000) } })
  await world.authority.listen({ port: 18_321 })
})
afterAll(() => world.authority.close())

async function discover(): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer)
  const response = await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...INSECURE })
  return oauth.processDiscoveryResponse(url, response)
}

describe('a standard client', () => {
  test('discovers, exchanges and validates the token', async () => {
    const server = await discover()
    const client: oauth.Client = { client_id: 'web-server' }
    const auth = oauth.ClientSecretBasic(SECRETS['web-server'])
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      auth,
      EXCHANGE,
      new URLSearchParams({
        subject_token: await world.provider.idToken(),
        subject_token_type: ID_TOKEN,
        audience: DOCS,
      }),
      INSECURE,
    )
    const result = await oauth.processGenericTokenEndpointResponse(server, client, response)
    expect(result).toMatchObject({ token_type: 'bearer', expires_in: 300, issued_token_type: ACCESS_TOKEN })
    const request = new Request(DOCS, { headers: { authorization: `Bearer ${result.access_token}` } })
    const claims = await oauth.validateJwtAccessToken(server, request, DOCS, INSECURE)
    expect(claims).toMatchObject({ sub: 'ann', client_id: 'web-server' })
  })

  test('binds to a DPoP key', async () => {
    const server = await discover()
    const client: oauth.Client = { client_id: 'web-server' }
    const key = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      oauth.ClientSecretBasic(SECRETS['web-server']),
      EXCHANGE,
      new URLSearchParams({
        subject_token: await world.provider.idToken({ nonce: 'dpop' }),
        subject_token_type: ID_TOKEN,
        audience: DOCS,
      }),
      { DPoP: key, ...INSECURE },
    )
    const result = await oauth.processGenericTokenEndpointResponse(server, client, response)
    expect(result.token_type).toBe('dpop')
  })

  test('sends the nonce that it is asked for', async () => {
    const asking = await createWorld({ dpopNonceSeconds: 60, clock: world.clock, provider: world.provider })
    const issuer = new URL(ISSUER)
    const fetch = async (url: string, init: oauth.CustomFetchOptions<'POST', URLSearchParams>): Promise<Response> =>
      asking.authority.app.request(url, { method: init.method, headers: init.headers, body: init.body.toString() })
    const server: oauth.AuthorizationServer = {
      issuer: issuer.href.replace(/\/$/, ''),
      token_endpoint: `${ISSUER}/token`,
    }
    const client: oauth.Client = { client_id: 'web-server' }
    const key = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const ask = async (): Promise<oauth.TokenEndpointResponse> => {
      const parameters = new URLSearchParams({
        subject_token: await world.provider.idToken({ nonce: 'asked' }),
        subject_token_type: ID_TOKEN,
        audience: DOCS,
      })
      const auth = oauth.ClientSecretBasic(SECRETS['web-server'])
      const options = { DPoP: key, [oauth.customFetch]: fetch }
      const response = await oauth.genericTokenEndpointRequest(server, client, auth, EXCHANGE, parameters, options)
      return oauth.processGenericTokenEndpointResponse(server, client, response)
    }
    const refused: unknown = await ask().catch((error: unknown) => error)
    expect(oauth.isDPoPNonceError(refused)).toBe(true)
    expect((await ask()).token_type).toBe('dpop')
    await asking.authority.close()
  })

  test('refreshes, with a token that stays and with one that rotates, and revokes it', async () => {
    const server = await discover()
    const confidential = [{ client_id: 'backend' }, oauth.ClientSecretBasic(SECRETS.backend)] as const
    const unbound = [{ client_id: 'app' }, oauth.None()] as const
    for (const [client, auth] of [confidential, unbound]) {
      const exchanged = await oauth.processGenericTokenEndpointResponse(
        server,
        client,
        await oauth.genericTokenEndpointRequest(
          server,
          client,
          auth,
          EXCHANGE,
          new URLSearchParams({
            subject_token: await world.provider.idToken({ aud: client.client_id }),
            subject_token_type: ID_TOKEN,
            audience: DOCS,
          }),
          INSECURE,
        ),
      )
      const first = String(exchanged.refresh_token)
      const response = await oauth.refreshTokenGrantRequest(server, client, auth, first, INSECURE)
      const refreshed = await oauth.processRefreshTokenResponse(server, client, response)
      expect(refreshed).toMatchObject({ token_type: 'bearer', expires_in: 300 })
      expect(refreshed.refresh_token === undefined).toBe(client.client_id === 'backend')
      const request = new Request(DOCS, { headers: { authorization: `Bearer ${refreshed.access_token}` } })
      const claims = await oauth.validateJwtAccessToken(server, request, DOCS, INSECURE)
      expect(claims).toMatchObject({ sub: 'ann', client_id: client.client_id })
      const last = refreshed.refresh_token ?? first
      const revoked = await oauth.revocationRequest(server, client, auth, last, INSECURE)
      await expect(oauth.processRevocationResponse(revoked)).resolves.toBeUndefined()
      const late = await oauth.refreshTokenGrantRequest(server, client, auth, last, INSECURE)
      await expect(oauth.processRefreshTokenResponse(server, client, late)).rejects.toMatchObject({
        error: 'invalid_grant',
      })
    }
  })

  test('proves itself with a key of its own', async () => {
    const server = await discover()
    expect(server.token_endpoint_auth_methods_supported).toContain('private_key_jwt')
    const pair = await oauth.generateKeyPair('ES256', { extractable: true })
    const jwk = { ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), kid: 'k1', alg: 'ES256' } as const
    const { kty, crv, x, y, kid, alg } = jwk
    const own = await createWorld({
      issuer: 'http://127.0.0.1:18322',
      clock: world.clock,
      clients: [{ id: 'service', keys: { keys: [{ kty, crv, x, y, kid, alg }] as never }, audiences: [DOCS] }],
      providers: [],
    })
    await own.authority.listen({ port: 18_322 })
    const client: oauth.Client = { client_id: 'service' }
    const auth = oauth.PrivateKeyJwt({ key: pair.privateKey, kid: 'k1' })
    const as = { ...server, issuer: own.authority.issuer, token_endpoint: `${own.authority.issuer}/token` }
    const response = await oauth.clientCredentialsGrantRequest(as, client, auth, {}, INSECURE)
    const granted = await oauth.processClientCredentialsResponse(as, client, response)
    expect(granted).toMatchObject({ token_type: 'bearer', expires_in: 300 })
    await own.authority.close()
  })

  test('asks what a token says now', async () => {
    const server = await discover()
    expect(server.introspection_endpoint_auth_methods_supported).toEqual(['client_secret_basic', 'private_key_jwt'])
    const client: oauth.Client = { client_id: 'docs' }
    const auth = oauth.ClientSecretBasic(SECRETS.docs)
    const { access_token: token } = await bodyOf(await world.exchange())
    const response = await oauth.introspectionRequest(server, client, auth, String(token), INSECURE)
    expect(await oauth.processIntrospectionResponse(server, client, response)).toMatchObject({
      active: true,
      sub: 'ann',
      aud: DOCS,
      token_type: 'Bearer',
    })
    const other = await oauth.introspectionRequest(server, client, auth, 'nonsense', INSECURE)
    expect(await oauth.processIntrospectionResponse(server, client, other)).toEqual({ active: false })
  })

  test('revokes', async () => {
    const server = await discover()
    const client: oauth.Client = { client_id: 'docs' }
    const auth = oauth.ClientSecretBasic(SECRETS.docs)
    const granted = await oauth.processClientCredentialsResponse(
      server,
      client,
      await oauth.clientCredentialsGrantRequest(server, client, auth, {}, INSECURE),
    )
    const response = await oauth.revocationRequest(server, client, auth, granted.access_token, INSECURE)
    await expect(oauth.processRevocationResponse(response)).resolves.toBeUndefined()
    const call = await fetch(`${issuer}/v1/feed/head?audience=${DOCS}`, {
      headers: { authorization: `Bearer ${granted.access_token}` },
    })
    expect(call.status).toBe(401)
  })

  test('gets errors that it understands', async () => {
    const server = await discover()
    const client: oauth.Client = { client_id: 'docs' }
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      oauth.ClientSecretBasic('wrong'),
      {},
      INSECURE,
    )
    const refused = oauth.processClientCredentialsResponse(server, client, response)
    await expect(refused).rejects.toBeInstanceOf(oauth.WWWAuthenticateChallengeError)
  })
})

describe('metadata', () => {
  test('advertises what works and nothing else', async () => {
    const server = await discover()
    for (const address of [server.token_endpoint, server.revocation_endpoint]) {
      const response = await fetch(address ?? '', { method: 'POST' })
      expect(response.status).toBe(415)
    }
    expect((await fetch(server.jwks_uri ?? '')).status).toBe(200)
    expect(server.grant_types_supported).toEqual([
      EXCHANGE,
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      'refresh_token',
      'client_credentials',
    ])
    expect(server.authorization_endpoint).toBeUndefined()
  })

  test('stands before the path of an issuer that has one', async () => {
    const nested = await createWorld({ issuer: `${ISSUER}/access` })
    const found = await nested.authority.app.request(`${ISSUER}/.well-known/oauth-authorization-server/access`)
    expect(await bodyOf(found)).toMatchObject({ issuer: `${ISSUER}/access`, token_endpoint: `${ISSUER}/access/token` })
    expect((await nested.authority.app.request(`${ISSUER}/access/health`)).status).toBe(200)
    expect((await nested.authority.app.request(`${ISSUER}/health`)).status).toBe(404)
    await nested.authority.close()
  })

  test('health says that the store answers', async () => {
    const response = await fetch(`${issuer}/health`)
    expect(await bodyOf(response)).toEqual({ status: 'ok', seq: expect.any(Number) })
  })
})
