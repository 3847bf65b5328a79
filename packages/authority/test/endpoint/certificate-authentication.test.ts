// RFC 8705 section 2 over real TLS sockets: clients that are known by the certificate of their connection, and by nothing else.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { headerOf, openWorkshop, type Pair, type Sent, send, thumbprintOf, type Workshop } from '../certificates.ts'
import { basic, bodyOf, createWorld, DOCS, type World } from '../fixture.ts'

const NAMES = 'DNS:billing.example,URI:spiffe://example/billing,IP:10.0.0.1,IP:2001:db8::1,email:billing@ops.example'

let workshop: Workshop
let world: World
let url: string
let pinned: Pair
let next: Pair
let named: Pair
beforeAll(async () => {
  workshop = openWorkshop()
  pinned = workshop.selfSigned('/CN=pinned')
  next = workshop.selfSigned('/CN=next')
  named = workshop.signed('/C=DE/O=Example, Inc./CN=billing', NAMES)
  world = await createWorld({
    tls: workshop.files,
    audiences: [{ id: DOCS }],
    providers: [],
    directory: [],
    clients: [
      { id: 'pinned', certificates: [thumbprintOf(pinned), next.cert], roles: ['guard'], audiences: [DOCS] },
      { id: 'dn', certificateSubject: { dn: 'cn=billing, O=Example\\, Inc.,C=DE' }, roles: ['admin'] },
      { id: 'dns', certificateSubject: { dns: 'Billing.example' } },
      { id: 'uri', certificateSubject: { uri: 'spiffe://example/billing' } },
      { id: 'ip', certificateSubject: { ip: '10.0.0.1' } },
      { id: 'ip6', certificateSubject: { ip: '2001:DB8:0::1' } },
      { id: 'email', certificateSubject: { email: 'billing@ops.example' } },
      { id: 'public' },
    ],
  })
  url = (await world.authority.listen({ port: 0 })).url
})
afterAll(async () => {
  await world.authority.close()
  workshop.close()
})

const ask = (sent: Sent, path = '/token'): Promise<Response> => send(`${url}${path}`, sent, workshop.ca)
const own = (client_id: string, pair: Pair | undefined, more: Sent = {}): Promise<Response> =>
  ask({ form: { grant_type: 'client_credentials', client_id }, pair, ...more })

async function expectOneAnswer(response: Response): Promise<void> {
  expect(response.status).toBe(401)
  const { correlation: _, ...rest } = await bodyOf(response)
  expect(rest).toEqual({
    error: 'invalid_client',
    error_description: 'the client did not authenticate',
    code: 'ERR_AUTHORITY_CLIENT',
  })
}

describe('self_signed_tls_client_auth', () => {
  test('takes each of the certificates that are registered', async () => {
    expect((await own('pinned', pinned)).status).toBe(200)
    expect((await own('pinned', next)).status).toBe(200)
  })

  test('takes no other one, of the same name or of our authority of certificates', async () => {
    await expectOneAnswer(await own('pinned', workshop.selfSigned('/CN=pinned')))
    await expectOneAnswer(await own('pinned', workshop.signed('/CN=pinned')))
    await expectOneAnswer(await own('pinned', undefined))
  })

  test('is no secret: what is public of a certificate opens nothing', async () => {
    const authorization = basic('pinned', thumbprintOf(pinned))
    await expectOneAnswer(await own('pinned', undefined, { headers: { authorization } }))
    // not beside the certificate either: there is one way
    await expectOneAnswer(await own('pinned', pinned, { headers: { authorization } }))
    await expectOneAnswer(await own('pinned', undefined, { headers: { 'client-cert': headerOf(pinned) } }))
  })

  test.each([
    ['the name of another client with a certificate', 'dn'],
    ['the name of nobody', 'nobody'],
    ['the name of a public client, which gets nothing for itself', 'public'],
  ])('%s is refused', async (_name, id) => {
    await expectOneAnswer(await own(id, pinned))
  })

  test('without a name is refused', async () => {
    await expectOneAnswer(await ask({ form: { grant_type: 'client_credentials' }, pair: pinned }))
  })
})

describe('tls_client_auth', () => {
  test.each(['dn', 'dns', 'uri', 'ip', 'ip6', 'email'])('takes a certificate with the %s', async (id) => {
    expect((await own(id, named)).status).toBe(200)
  })

  test.each(['dn', 'dns', 'uri', 'ip', 'ip6', 'email'])('refuses what a stranger says of himself: %s', async (id) => {
    await expectOneAnswer(await own(id, workshop.selfSigned('/C=DE/O=Example, Inc./CN=billing', NAMES)))
  })

  test.each([
    ['dn', '/C=DE/O=Example, Inc./CN=billings', undefined],
    ['dn', '/O=Example, Inc./C=DE/CN=billing', undefined],
    ['dn', '/C=DE/O=Example, Inc./CN=billing/CN=more', undefined],
    ['dns', '/CN=billing.example', undefined],
    ['dns', '/CN=x', 'DNS:*.example'],
    ['dns', '/CN=x', 'DNS:billing.example.evil.example'],
    ['dns', '/CN=x', 'URI:https://billing.example'],
    ['uri', '/CN=x', 'URI:spiffe://example/billing/more'],
    ['uri', '/CN=x', 'DNS:spiffe://example/billing'],
    ['ip', '/CN=10.0.0.1', 'DNS:10.0.0.1'],
    ['ip', '/CN=x', 'IP:10.0.0.2'],
    ['email', '/emailAddress=billing@ops.example', undefined],
    ['email', '/CN=x', 'email:Billing@ops.example'],
  ])('refuses another %s: %s, %s', async (id, subject, names) => {
    await expectOneAnswer(await own(id, workshop.signed(subject, names)))
  })

  test('refuses an address that another address seems to hold', async () => {
    const hidden = '@names\n[names]\nURI.1=https://x.example/, URI:spiffe://example/billing'
    await expectOneAnswer(await own('uri', workshop.signed('/CN=x', hidden)))
    const both = `${hidden}\nURI.2=spiffe://example/billing`
    expect((await own('uri', workshop.signed('/CN=x', both))).status).toBe(200)
  })
})

describe('the other endpoints', () => {
  test('take certificates as well', async () => {
    const { access_token: token } = await bodyOf(await own('pinned', pinned))
    const form = { client_id: 'pinned', token: String(token) }
    const introspected = await ask({ form, pair: pinned }, '/introspect')
    expect(await bodyOf(introspected)).toEqual({ active: false })
    await expectOneAnswer(await ask({ form, pair: named }, '/introspect'))
    await expectOneAnswer(await ask({ form, pair: undefined }, '/revoke'))
    expect((await ask({ form, pair: pinned }, '/revoke')).status).toBe(200)
    const headers = { authorization: `Bearer ${String(token)}` }
    expect((await ask({ headers, pair: pinned }, `/v1/feed/head?audience=${encodeURIComponent(DOCS)}`)).status).toBe(
      401,
    )
  })

  test('show an administrator the method, and nothing of the certificate', async () => {
    const { access_token: token } = await bodyOf(await own('dn', named))
    const answer = await ask({ headers: { authorization: `Bearer ${String(token)}` } }, '/v1/clients')
    const text = await answer.text()
    expect(text).toContain('"certificate":"self_signed_tls_client_auth"')
    expect(text).not.toContain(thumbprintOf(pinned))
  })
})
