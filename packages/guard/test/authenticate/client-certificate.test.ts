// Whose certificate counts: the caller's own, or what a configured proxy passes on; never what somebody wrote into a header.

import { certificateThumbprint } from '@cardea/token'
import { describe, expect, test } from 'vitest'
import { clientCert, derOf, ONE, TWO } from '../../../token/test/binding/certificates.ts'
import { type CertificateFacts, createCertificateReader } from '../../src/authenticate/client-certificate.ts'
import { ANN, createWorld, requestWith, thrownBy, tokenFor } from '../support/world.ts'

const PROXY = '127.0.0.1'
const STRANGER = '203.0.113.1'
const options = { trustedProxies: [PROXY], clientCertificateHeader: 'Client-Cert' }

const facts = (changes: Partial<CertificateFacts>): CertificateFacts => ({
  peer: PROXY,
  certificate: undefined,
  headers: {},
  ...changes,
})

describe('the certificate of the caller', () => {
  test.each<[string, Partial<CertificateFacts>, string | undefined]>([
    ['of the connection', { peer: STRANGER, certificate: derOf(ONE) }, ONE],
    ['none', { peer: STRANGER }, undefined],
    ['from the header of a proxy', { headers: { 'client-cert': clientCert(ONE) } }, ONE],
    [
      'from that of a proxy in IPv6 clothes',
      { peer: '::ffff:7f00:1', headers: { 'client-cert': clientCert(ONE) } },
      ONE,
    ],
    [
      'none from the header of somebody else',
      { peer: STRANGER, headers: { 'client-cert': clientCert(ONE) } },
      undefined,
    ],
    ['none from a header of nobody', { peer: undefined, headers: { 'client-cert': clientCert(ONE) } }, undefined],
    [
      "his own, whatever he writes into the proxy's header",
      { peer: STRANGER, certificate: derOf(ONE), headers: { 'client-cert': clientCert(TWO) } },
      ONE,
    ],
    ['none, garbage in the header of somebody else', { peer: STRANGER, headers: { 'client-cert': 'x' } }, undefined],
    ["not the proxy's own", { certificate: derOf(TWO) }, undefined],
    [
      "not the proxy's own, but the header",
      { certificate: derOf(TWO), headers: { 'client-cert': clientCert(ONE) } },
      ONE,
    ],
    ['none from another header', { headers: { 'x-client-cert': clientCert(ONE) } }, undefined],
  ])('%s', (_name, changes, expected) => {
    const found = createCertificateReader(options)(facts(changes))
    expect(found?.der.toString()).toBe(expected === undefined ? undefined : derOf(expected).toString())
  })

  test.each<[string, Partial<CertificateFacts>]>([
    ['garbage', { headers: { 'client-cert': 'x' } }],
    ['an empty header', { headers: { 'client-cert': '' } }],
    ['two, as a list', { headers: { 'client-cert': [clientCert(ONE), clientCert(ONE)] } }],
    ['two, joined', { headers: { 'client-cert': `${clientCert(ONE)}, ${clientCert(ONE)}` } }],
    [
      'two, of which one is hidden',
      { headers: { 'client-cert': clientCert(ONE) }, rawHeaders: ['Client-Cert', 'a', 'client-cert', 'b'] },
    ],
  ])('from a proxy is refused: %s', (_name, changes) => {
    expect(() => createCertificateReader(options)(facts(changes))).toThrow(
      expect.objectContaining({ code: 'ERR_TOKEN_CERTIFICATE' }),
    )
  })

  test.each([
    ['without proxies', { clientCertificateHeader: 'client-cert' }],
    ['with an empty list of proxies', { clientCertificateHeader: 'client-cert', trustedProxies: [] }],
    ['with a proxy that is none', { clientCertificateHeader: 'client-cert', trustedProxies: ['proxy'] }],
    ['with a name that is none', { clientCertificateHeader: 'client cert', trustedProxies: [PROXY] }],
    ['with an empty name', { clientCertificateHeader: '', trustedProxies: [PROXY] }],
  ])('a header %s is no option', (_name, wrong) => {
    expect(() => createCertificateReader(wrong)).toThrow(expect.objectContaining({ code: 'ERR_GUARD_OPTIONS' }))
  })

  test('a proxy that no header is configured for passes none on', () => {
    const read = createCertificateReader({ trustedProxies: [PROXY] })
    expect(read(facts({ certificate: derOf(TWO), headers: { 'client-cert': clientCert(ONE) } }))).toBeUndefined()
  })
})

describe('a guard behind a proxy', () => {
  const bound = { cnf: { 'x5t#S256': certificateThumbprint(derOf(ONE)) } }
  const from = (address: string, value: string) => ({ address, headers: { 'client-cert': value } })

  test('lets a token in with the certificate that it is bound to', async () => {
    const { guard } = await createWorld(options)
    const request = requestWith(await tokenFor(ANN, bound), from(PROXY, clientCert(ONE)))
    expect((await guard.authenticate(request)).principal.id).toBe(ANN.id)
  })

  test.each([
    ['another certificate', from(PROXY, clientCert(TWO)), 'binding', 401],
    ['the certificate from somebody else', from(STRANGER, clientCert(ONE)), 'binding', 401],
    ['garbage', from(PROXY, 'x'), 'invalid_request', 400],
  ])('refuses %s', async (_name, more, reason, status) => {
    const { guard, events } = await createWorld(options)
    const token = await tokenFor(ANN, bound)
    const error = await thrownBy(() => guard.authenticate(requestWith(token, more)))
    expect(error).toMatchObject({ status })
    expect(events.at(-1)).toMatchObject({ decision: 'deny', reason })
  })

  test('does not start with a header and no proxy', async () => {
    await expect(createWorld({ ...options, trustedProxies: [] })).rejects.toMatchObject({ code: 'ERR_GUARD_OPTIONS' })
  })
})
