// What metadata say of certificates (RFC 8705 sections 2, 3.3 and 5), and a standard client that goes by them.

import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorkshop, type Pair, send, thumbprintOf, type Workshop } from '../certificates.ts'
import { checkOptions, type AuthorityOptions } from '../../src/index.ts'
import { metadataOf, resourceMetadataOf } from '../../src/endpoint/metadata/metadata.ts'
import { bodyOf, createWorld, ISSUER, type World } from '../fixture.ts'

const MTLS = 'https://mtls.authority.example'
const TLS = { certFile: 'cert.pem', keyFile: 'key.pem' }
const PROXY = { trustedProxies: ['10.0.0.1'], clientCertificateHeader: 'client-cert' }
const METHODS = ['token', 'revocation', 'introspection'].map((name) => `${name}_endpoint_auth_methods_supported`)

const settingsOf = (options: Partial<AuthorityOptions>) =>
  checkOptions({ issuer: ISSUER, store: ':memory:', development: true, ...options }, 'test')

describe('metadata', () => {
  test('say nothing of certificates where none can come', () => {
    const settings = settingsOf({ trustedProxies: ['10.0.0.1'] })
    for (const metadata of [metadataOf(settings), resourceMetadataOf(settings)]) {
      expect(JSON.stringify(metadata)).not.toMatch(/tls/)
    }
  })

  test.each<[string, Partial<AuthorityOptions>, readonly string[]]>([
    ['TLS of our own', { tls: TLS }, ['self_signed_tls_client_auth']],
    ['the same with a `ca`', { tls: { ...TLS, ca: 'ca.pem' } }, ['tls_client_auth', 'self_signed_tls_client_auth']],
    ['proxies', PROXY, ['self_signed_tls_client_auth']],
    [
      'proxies that verify',
      { ...PROXY, proxiesVerifyCertificates: true },
      ['tls_client_auth', 'self_signed_tls_client_auth'],
    ],
  ])('name what works with %s', (_name, options, methods) => {
    const settings = settingsOf(options)
    const metadata = metadataOf(settings)
    for (const name of METHODS) {
      const offered = [metadata[name]].flat().filter((method) => String(method).includes('tls'))
      expect(offered).toEqual(methods)
    }
    expect(metadata).toMatchObject({ tls_client_certificate_bound_access_tokens: true })
    expect(metadata).not.toHaveProperty('mtls_endpoint_aliases')
    expect(resourceMetadataOf(settings)).toMatchObject({ tls_client_certificate_bound_access_tokens: true })
  })

  test('name the other address of the endpoints', () => {
    expect(metadataOf(settingsOf({ ...PROXY, mtlsIssuer: MTLS }))).toMatchObject({
      token_endpoint: `${ISSUER}/token`,
      mtls_endpoint_aliases: {
        token_endpoint: `${MTLS}/token`,
        revocation_endpoint: `${MTLS}/revoke`,
        introspection_endpoint: `${MTLS}/introspect`,
      },
    })
  })
})

describe('a standard client', () => {
  let workshop: Workshop
  let world: World
  let pair: Pair
  let url: string
  beforeAll(async () => {
    workshop = openWorkshop()
    pair = workshop.signed('/CN=billing', 'DNS:billing.example')
    world = await createWorld({
      clock: { seconds: Math.floor(Date.now() / 1000) },
      tls: workshop.files,
      mtlsIssuer: MTLS,
      audiences: [],
      providers: [],
      directory: [],
      clients: [{ id: 'billing', certificateSubject: { dns: 'billing.example' }, certificateBound: true }],
    })
    url = (await world.authority.listen({ port: 0 })).url
  })
  afterAll(async () => {
    await world.authority.close()
    workshop.close()
  })

  const asked: string[] = []

  /** Both addresses lead to the one listener, as they do in a test. */
  async function fetch(address: string, init: oauth.CustomFetchOptions<string, unknown>): Promise<Response> {
    asked.push(address)
    const { host, pathname } = new URL(address)
    const form = init.body instanceof URLSearchParams ? Object.fromEntries(init.body) : undefined
    const sent = { method: init.method, headers: { ...init.headers, host }, pair }
    return send(`${url}${pathname}`, form === undefined ? sent : { ...sent, form }, workshop.ca)
  }

  async function discover(): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(ISSUER)
    const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', [oauth.customFetch]: fetch })
    return oauth.processDiscoveryResponse(issuer, response)
  }

  test.each([
    ['at the first address', false, `${ISSUER}/token`],
    ['at the other one', true, `${MTLS}/token`],
  ])(
    'authenticates and is bound by its certificate and a key, %s',
    async (_name, use_mtls_endpoint_aliases, address) => {
      const server = await discover()
      const client: oauth.Client = { client_id: 'billing', use_mtls_endpoint_aliases }
      const key = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
      const options = { DPoP: key, [oauth.customFetch]: fetch }
      const parameters = new URLSearchParams()
      const response = await oauth.clientCredentialsGrantRequest(
        server,
        client,
        oauth.TlsClientAuth(),
        parameters,
        options,
      )
      const { access_token: token, token_type } = await oauth.processClientCredentialsResponse(server, client, response)
      expect(asked.at(-1)).toBe(address)
      expect(token_type).toBe('dpop')
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as unknown
      expect(claims).toMatchObject({ cnf: { jkt: expect.any(String), 'x5t#S256': thumbprintOf(pair) } })
    },
  )

  test('whose proof is for a third address is refused', async () => {
    const client: oauth.Client = { client_id: 'billing' }
    const server = { issuer: ISSUER, token_endpoint: 'https://evil.example/token' }
    const key = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const options = { DPoP: key, [oauth.customFetch]: fetch }
    const parameters = new URLSearchParams()
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      oauth.TlsClientAuth(),
      parameters,
      options,
    )
    expect(await bodyOf(response)).toMatchObject({ code: 'ERR_AUTHORITY_DPOP' })
  })
})
