// The certificate of the caller (RFC 8705 section 3, RFC 9440): of the connection, or, behind proxies that are named in the
// configuration, the one that they pass on in one header. INVARIANT: of anybody else's connection that header is never read, and a
// proxy's own certificate is never taken for its callers'.

import { parseCertificateHeader, TokenError } from '@cardea/token'
import { GuardError } from '../errors.ts'
import { count, type Headers } from './credentials.ts'
import { createProxyTest, plainAddress } from './proxies.ts'

/** A connection, and what came over it. */
export interface CertificateFacts {
  readonly peer: string | undefined
  /** DER, of the connection itself. */
  readonly certificate: Uint8Array | undefined
  readonly headers: Headers
  readonly rawHeaders?: readonly string[] | undefined
}

export interface CallerCertificate {
  readonly der: Uint8Array
  /** Who has seen that the caller holds its key: this process, or a proxy. */
  readonly from: 'connection' | 'proxy'
}

/** Throws `ERR_TOKEN_CERTIFICATE` for a header of a proxy that stands twice or cannot be read. */
export type CertificateReader = (facts: CertificateFacts) => CallerCertificate | undefined

export interface CertificateReaderOptions {
  readonly trustedProxies?: readonly string[] | undefined
  readonly clientCertificateHeader?: string | undefined
}

/** Throws `ERR_GUARD_OPTIONS` for a header without proxies that may send it, and for what cannot be read. */
export function createCertificateReader({
  trustedProxies = [],
  clientCertificateHeader,
}: CertificateReaderOptions): CertificateReader {
  const isProxy = createProxyTest(trustedProxies)
  const name = clientCertificateHeader?.toLowerCase()
  if (name !== undefined && trustedProxies.length === 0) {
    throw new GuardError('ERR_GUARD_OPTIONS', '`clientCertificateHeader` needs `trustedProxies`: others could send it')
  }
  if (name !== undefined && !/^[a-z0-9-]+$/.test(name)) {
    throw new GuardError('ERR_GUARD_OPTIONS', '`clientCertificateHeader` is not the name of a header')
  }
  return ({ peer, certificate, headers, rawHeaders }) => {
    const address = plainAddress(peer)
    if (address === undefined || !isProxy(address)) {
      return certificate === undefined ? undefined : { der: certificate, from: 'connection' }
    }
    if (name === undefined) return undefined
    if (count(rawHeaders, name) > 1) throw new TokenError('ERR_TOKEN_CERTIFICATE')
    const value = headers[name]
    if (value === undefined) return undefined
    if (typeof value !== 'string') throw new TokenError('ERR_TOKEN_CERTIFICATE')
    return { der: parseCertificateHeader(value), from: 'proxy' }
  }
}
