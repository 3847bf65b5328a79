// The client certificate that a proxy passes on in a header: `Client-Cert` of RFC 9440 section 2.2, `:base64 of the DER:`, or the
// URL-escaped PEM of nginx and others. Exactly one certificate in exactly one spelling; a list, a chain or a parameter is refused.
// INVARIANT: this only reads. Whether whoever sent the header may be believed is decided before.

import { X509Certificate } from 'node:crypto'
import { TokenError } from '../errors.ts'

/** As much as Node takes of all headers together. */
const MAX_CHARACTERS = 16_384
const BYTE_SEQUENCE = /^:([A-Za-z0-9+/]+={0,2}):$/
const ESCAPED_PEM = /^-----BEGIN(?: |%20)/

/** The DER bytes. Errors: `ERR_TOKEN_CERTIFICATE`. */
export function parseCertificateHeader(value: string): Uint8Array {
  if (value.length > MAX_CHARACTERS) throw unreadable()
  const sequence = BYTE_SEQUENCE.exec(value)?.[1]
  if (sequence !== undefined) return certificateOf(sequence)
  if (ESCAPED_PEM.test(value)) return parseCertificatePem(decoded(value))
  throw unreadable()
}

/** The DER bytes of the one certificate in a PEM text (RFC 7468). Errors: `ERR_TOKEN_CERTIFICATE`. */
export function parseCertificatePem(text: string): Uint8Array {
  const body = /^-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----\s*$/.exec(text)?.[1]
  if (body === undefined) throw unreadable()
  return certificateOf(body.replaceAll(/[\r\n]/g, ''))
}

function certificateOf(base64: string): Uint8Array {
  const der = Buffer.from(base64, 'base64')
  if (der.toString('base64') !== base64) throw unreadable()
  try {
    // what stands behind the certificate is not part of it, and would be part of the thumbprint
    if (new X509Certificate(der).raw.equals(der)) return der
  } catch (cause) {
    throw unreadable(cause)
  }
  throw unreadable()
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch (cause) {
    throw unreadable(cause)
  }
}

function unreadable(cause?: unknown): TokenError {
  return new TokenError('ERR_TOKEN_CERTIFICATE', undefined, cause === undefined ? {} : { cause })
}
