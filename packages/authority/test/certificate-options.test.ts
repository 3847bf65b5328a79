// What the options ask of certificates must be able to come; otherwise the authority does not start.

import { describe, expect, test } from 'vitest'
import { ONE } from '../../token/test/binding/certificates.ts'
import { type AuthorityOptions, checkOptions } from '../src/index.ts'
import { DOCS, ISSUER } from './fixture.ts'

const THUMBPRINT = 'A'.repeat(43)
const TLS = { certFile: 'cert.pem', keyFile: 'key.pem' }
const PROXY = { trustedProxies: ['10.0.0.0/8'], clientCertificateHeader: 'client-cert' }

const check = (options: Partial<AuthorityOptions>) =>
  checkOptions({ issuer: ISSUER, store: ':memory:', development: true, ...options }, 'test')

type Client = NonNullable<AuthorityOptions['clients']>[number]
const withClient = (client: Partial<Client>, more: Partial<AuthorityOptions> = {}): Partial<AuthorityOptions> => ({
  ...PROXY,
  ...more,
  clients: [{ id: 'c', ...client }],
})

describe('options with certificates', () => {
  test.each<[string, Partial<AuthorityOptions>]>([
    ['of a client, as a thumbprint', withClient({ certificates: [THUMBPRINT] })],
    ['of a client, in PEM', withClient({ certificates: [ONE] })],
    ['by TLS of our own', { tls: TLS, clients: [{ id: 'c', certificates: [THUMBPRINT] }] }],
    [
      'by name, which proxies verify',
      withClient({ certificateSubject: { dns: 'a.example' } }, { proxiesVerifyCertificates: true }),
    ],
    [
      'by name, which our `ca` verifies',
      withClient({ certificateSubject: { dn: 'CN=a' } }, { tls: { ...TLS, ca: 'ca.pem' } }),
    ],
    ['for an audience', { ...PROXY, audiences: [{ id: DOCS, certificateRequired: true }] }],
    ['at another address', { ...PROXY, mtlsIssuer: 'https://mtls.authority.example' }],
  ])('are taken: %s', (_name, options) => {
    expect(() => check(options)).not.toThrow()
  })

  test.each<[string, Partial<AuthorityOptions>]>([
    ['a header without proxies', { clientCertificateHeader: 'client-cert' }],
    ['a header that is none', { ...PROXY, clientCertificateHeader: 'client cert' }],
    ['a proxy that is none', { trustedProxies: ['proxy.example'] }],
    ['proxies that verify what they do not pass on', { trustedProxies: ['10.0.0.1'], proxiesVerifyCertificates: true }],
    ['a client with a certificate that cannot come', { clients: [{ id: 'c', certificates: [THUMBPRINT] }] }],
    ['a bound client without certificates', { clients: [{ id: 'c', certificateBound: true }] }],
    ['an audience without certificates', { audiences: [{ id: DOCS, certificateRequired: true }] }],
    ['a name that nobody verifies', withClient({ certificateSubject: { dns: 'a.example' } })],
    ['a name that nobody verifies, with TLS', withClient({ certificateSubject: { dns: 'a.example' } }, { tls: TLS })],
    [
      'two names',
      withClient({ certificateSubject: { dns: 'a.example', uri: 'spiffe://a' } }, { proxiesVerifyCertificates: true }),
    ],
    ['no name', withClient({ certificateSubject: {} }, { proxiesVerifyCertificates: true })],
    [
      'a host with a wildcard',
      withClient({ certificateSubject: { dns: '*.example' } }, { proxiesVerifyCertificates: true }),
    ],
    [
      'a host with a dot in front',
      withClient({ certificateSubject: { dns: '.example' } }, { proxiesVerifyCertificates: true }),
    ],
    ['a name that is none', withClient({ certificateSubject: { dn: 'billing' } }, { proxiesVerifyCertificates: true })],
    ['a thumbprint that is none', withClient({ certificates: ['A'] })],
    ['no certificate', withClient({ certificates: [] })],
    ['a certificate and a secret', withClient({ certificates: [THUMBPRINT], secret: 'x'.repeat(32) })],
    ['a certificate and a name', withClient({ certificates: [THUMBPRINT], certificateSubject: { dn: 'CN=a' } })],
    ['TLS for an http issuer', { issuer: 'http://localhost', tls: TLS }],
    ['another address without certificates', { mtlsIssuer: 'https://mtls.authority.example' }],
    ['another address with another path', { ...PROXY, mtlsIssuer: 'https://mtls.authority.example/path' }],
    ['another address without TLS', { ...PROXY, mtlsIssuer: 'http://mtls.authority.example' }],
    ['another address with a slash', { ...PROXY, mtlsIssuer: 'https://mtls.authority.example/' }],
  ])('are refused: %s', (_name, options) => {
    expect(() => check(options)).toThrow(expect.objectContaining({ code: 'ERR_AUTHORITY_CONFIG' }))
  })
})
