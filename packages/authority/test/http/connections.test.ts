// Whose word counts on addresses and certificates, over real sockets: that of a configured proxy, and of nobody else.

import { decodeToken } from '@cardea/token'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { headerOf, openWorkshop, type Pair, type Sent, send, thumbprintOf, type Workshop } from '../certificates.ts'
import { bodyOf, createWorld, DOCS, EXCHANGE, ID_TOKEN, SECRETS, type World, type WorldOptions } from '../fixture.ts'

const HERE = '127.0.0.1'
const ELSEWHERE = '10.9.9.9'

let workshop: Workshop
let pinned: Pair
let named: Pair
let other: Pair
beforeAll(() => {
  workshop = openWorkshop()
  pinned = workshop.selfSigned('/CN=pinned')
  named = workshop.signed('/CN=named', 'DNS:named.example')
  other = workshop.selfSigned('/CN=other')
})
afterAll(() => workshop.close())

const worlds: World[] = []
afterEach(async () => {
  for (const { authority } of worlds.splice(0)) await authority.close()
})

/** An authority whose callers all come from this machine. */
async function listening(trustedProxies: string[], more: WorldOptions = {}): Promise<{ world: World; url: string }> {
  const world = await createWorld({ trustedProxies, ...more })
  worlds.push(world)
  return { world, url: (await world.authority.listen({ port: 0, hostname: HERE })).url }
}

const withClients = (): WorldOptions => ({
  clientCertificateHeader: 'Client-Cert',
  proxiesVerifyCertificates: true,
  clients: [
    { id: 'pinned', certificates: [thumbprintOf(pinned)], roles: ['auditor'] },
    { id: 'named', certificateSubject: { dns: 'named.example' } },
  ],
  providers: [],
})

const own = (client_id: string, value?: string | string[]): Sent => ({
  form: { grant_type: 'client_credentials', client_id },
  headers: value === undefined ? {} : { 'client-cert': value },
})

describe('a certificate in a header', () => {
  test('of a configured proxy is the one of its caller', async () => {
    const { url } = await listening([HERE], withClients())
    expect((await send(`${url}/token`, own('pinned', headerOf(pinned)))).status).toBe(200)
    expect((await send(`${url}/token`, own('pinned', encodeURIComponent(pinned.cert)))).status).toBe(200)
    expect((await send(`${url}/token`, own('named', headerOf(named)))).status).toBe(200)
    for (const sent of [own('pinned', headerOf(other)), own('named', headerOf(pinned)), own('pinned')]) {
      expect(await bodyOf(await send(`${url}/token`, sent))).toMatchObject({ error: 'invalid_client' })
    }
  })

  test('of anybody else is not read, whatever stands there', async () => {
    const { url } = await listening([ELSEWHERE], withClients())
    for (const value of [headerOf(pinned), 'garbage', [headerOf(pinned), headerOf(pinned)]]) {
      const answer = await send(`${url}/token`, own('pinned', value))
      expect(await bodyOf(answer)).toMatchObject({ error: 'invalid_client', code: 'ERR_AUTHORITY_CLIENT' })
    }
  })

  test("names nobody where the proxies verify nothing, and still is the caller's", async () => {
    const { url } = await listening([HERE], {
      ...withClients(),
      proxiesVerifyCertificates: false,
      clients: [{ id: 'pinned', certificates: [thumbprintOf(named)] }],
    })
    expect((await send(`${url}/token`, own('pinned', headerOf(named)))).status).toBe(200)
  })

  test('from a proxy that verifies nothing names nobody, though our own listener would', async () => {
    const { url } = await listening([HERE], {
      ...withClients(),
      proxiesVerifyCertificates: false,
      tls: workshop.files,
      clients: [{ id: 'named', certificateSubject: { dns: 'named.example' } }],
    })
    const answer = await send(`${url}/token`, own('named', headerOf(named)), workshop.ca)
    expect(await bodyOf(answer)).toMatchObject({ error: 'invalid_client', code: 'ERR_AUTHORITY_CLIENT' })
  })

  test.each<[string, () => string | string[]]>([
    ['twice', () => [headerOf(pinned), headerOf(pinned)]],
    ['twice in one', () => `${headerOf(pinned)}, ${headerOf(pinned)}`],
    ['that is garbage', () => 'garbage'],
    ['that is empty', () => ''],
    ['with a parameter', () => `${headerOf(pinned)};a=1`],
  ])('%s, from the proxy, is refused everywhere', async (_name, value) => {
    const { url } = await listening([HERE], withClients())
    for (const path of ['/token', '/revoke', '/introspect']) {
      const answer = await send(`${url}${path}`, own('pinned', value()))
      expect(answer.status).toBe(400)
      expect(await bodyOf(answer)).toMatchObject({ error: 'invalid_request', code: 'ERR_AUTHORITY_CERTIFICATE_HEADER' })
    }
    const answer = await send(`${url}/v1/log`, { headers: { 'client-cert': value() } })
    expect(await bodyOf(answer)).toMatchObject({ code: 'ERR_AUTHORITY_CERTIFICATE_HEADER' })
  })
})

describe('over TLS from a proxy', () => {
  test("the proxy's own certificate is never its caller's", async () => {
    const clients = [{ id: 'pinned', certificates: [thumbprintOf(pinned)] }]
    const { url } = await listening([HERE], { ...withClients(), tls: workshop.files, clients })
    const shown = { pair: pinned }
    expect((await send(`${url}/token`, { ...own('pinned'), ...shown }, workshop.ca)).status).toBe(401)
    const passed = { ...own('pinned', headerOf(pinned)), pair: other }
    expect((await send(`${url}/token`, passed, workshop.ca)).status).toBe(200)
  })
})

describe('an audience that binds to the address', () => {
  const bound = (): WorldOptions => ({ audiences: [{ id: DOCS, bindAddress: true }] })

  async function exchange(
    { world, url }: { world: World; url: string },
    sent: Sent,
    client = 'backend',
  ): Promise<Response> {
    const form = {
      grant_type: EXCHANGE,
      subject_token: await world.provider.idToken({ aud: client }),
      subject_token_type: ID_TOKEN,
      audience: DOCS,
      ...sent.form,
    }
    return send(`${url}/token`, { ...sent, form, ...(client === 'app' ? {} : { client }) })
  }

  const clients = [
    { id: 'backend', secret: SECRETS.backend, audiences: [DOCS], session: true },
    { id: 'app', audiences: [DOCS], session: true },
  ]
  const netOf = async (answer: Response): Promise<unknown> =>
    decodeToken(String((await bodyOf(answer.clone()))['access_token'])).unverifiedClaims.net

  test.each<[string, string[], string | undefined, readonly string[]]>([
    ['straight', [], undefined, ['127.0.0.1/32']],
    ['straight, whatever the caller says', [ELSEWHERE], '203.0.113.7', ['127.0.0.1/32']],
    ['by a proxy', [HERE], '192.0.2.66, 203.0.113.7', ['203.0.113.7/32']],
    ['by a proxy, IPv4 in IPv6 clothes', [HERE], '::ffff:203.0.113.7', ['203.0.113.7/32']],
    ['by a proxy, the same in hexadecimal', [HERE], '::ffff:cb00:7107', ['203.0.113.7/32']],
    ['by a proxy, IPv6', [HERE], '2001:DB8::7', ['2001:db8::7/128']],
  ])('takes it %s', async (_name, proxies, forwarded, net) => {
    const there = await listening(proxies, { ...bound(), clients })
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
    expect(await netOf(await exchange(there, { headers }))).toEqual(net)
    const form = { client_id: 'app' }
    expect(await netOf(await exchange(there, { headers, form }, 'app'))).toEqual(net)
  })

  test.each<[string, Record<string, string>]>([
    ['a proxy that says none', {}],
    ['a proxy that says garbage', { 'x-forwarded-for': 'unknown' }],
  ])('issues nothing without one: %s', async (_name, headers) => {
    const there = await listening([HERE], { ...bound(), clients })
    const answer = await exchange(there, { headers })
    expect(answer.status).toBe(400)
    expect(await bodyOf(answer)).toMatchObject({ error: 'invalid_request', code: 'ERR_AUTHORITY_BIND_ADDRESS' })
  })

  test('takes what a confidential client names before it, and of a public one nothing', async () => {
    const there = await listening([], { ...bound(), clients })
    const form = { bind_address: '203.0.113.0/24' }
    expect(await netOf(await exchange(there, { form }))).toEqual(['203.0.113.0/24'])
    const answer = await exchange(there, { form: { ...form, client_id: 'app' } }, 'app')
    expect(await bodyOf(answer)).toMatchObject({ code: 'ERR_AUTHORITY_BIND_ADDRESS' })
  })

  test('keeps it over a refresh from elsewhere', async () => {
    const there = await listening([HERE], { ...bound(), clients })
    const answer = await exchange(there, { headers: { 'x-forwarded-for': '203.0.113.7' } })
    const { refresh_token: token } = await bodyOf(answer)
    const form = { grant_type: 'refresh_token', refresh_token: String(token) }
    const headers = { 'x-forwarded-for': '203.0.113.8' }
    const refreshed = await send(`${there.url}/token`, { form, headers, client: 'backend' })
    expect(await netOf(refreshed)).toEqual(['203.0.113.7/32'])
  })
})

describe('the fleet', () => {
  test.each<[string, string[], string]>([
    ['shows the address that a proxy vouches for', [HERE], '203.0.113.7'],
    ['does not show what a guard writes itself', [ELSEWHERE], HERE],
  ])('%s', async (_name, proxies, address) => {
    const { world, url } = await listening(proxies)
    const headers = { authorization: `Bearer ${await world.own('docs')}`, 'x-forwarded-for': '203.0.113.7' }
    const { epoch, seq } = await world.authority.service
      .revoke({ kind: 'session', sid: 's' })
      .then((made) => made.position)
    const applied = { start: 'a', started: '1', applied: String(seq), applied_epoch: epoch }
    const question = new URLSearchParams({ audience: DOCS, ...applied }).toString()
    await send(`${url}/v1/feed/head?${question}`, { headers })
    const { guards } = await bodyOf(await world.api('admin', 'GET', '/v1/guards'))
    expect(guards).toMatchObject([{ client: 'docs', address }])
  })
})
