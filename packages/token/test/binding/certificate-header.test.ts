// What a proxy passes on as a certificate: one, in one spelling, or it is refused.

import { describe, expect, test } from 'vitest'
import { parseCertificateHeader, parseCertificatePem } from '@cardea/token'
import { clientCert, derOf, ONE, TWO } from './certificates.ts'

const der = derOf(ONE)
const base64 = der.toString('base64')

describe('RFC 9440 section 2.2: a header of a proxy', () => {
  test.each([
    ['the byte sequence of the RFC', clientCert(ONE)],
    ['URL-escaped PEM, as nginx writes it', encodeURIComponent(ONE)],
    ['URL-escaped PEM with fewer escapes', encodeURIComponent(ONE).replaceAll('%2B', '+').replaceAll('%2F', '/')],
    ['without a line break at the end', encodeURIComponent(ONE.trim())],
    ['with line breaks of two characters', encodeURIComponent(ONE.replaceAll('\n', '\r\n'))],
  ])('is read as %s', (_name, value) => {
    expect(Buffer.from(parseCertificateHeader(value)).equals(der)).toBe(true)
  })

  test.each([
    ['nothing', ''],
    ['an empty byte sequence', '::'],
    ['base64 alone', base64],
    ['a parameter behind it', `${clientCert(ONE)};a=1`],
    ['a space in front', ` ${clientCert(ONE)}`],
    ['two', `${clientCert(ONE)}, ${clientCert(TWO)}`],
    ['the same twice', `${clientCert(ONE)},${clientCert(ONE)}`],
    ['base64url', `:${der.toString('base64url')}:`],
    ['base64 without its padding', `:${base64.replaceAll('=', '')}:x`],
    ['base64 with bits behind the last byte', ':AB==:'],
    ['no certificate', `:${Buffer.from('certificate').toString('base64')}:`],
    ['a certificate that is cut off', `:${der.subarray(0, -1).toString('base64')}:`],
    ['a certificate with a byte behind it', `:${Buffer.concat([der, Buffer.from([0])]).toString('base64')}:`],
    ['PEM in a byte sequence', `:${Buffer.from(ONE).toString('base64')}:`],
    ['PEM of two', encodeURIComponent(ONE + TWO)],
    ['PEM of a key', encodeURIComponent(ONE.replaceAll('CERTIFICATE', 'PUBLIC KEY'))],
    ['PEM that was not escaped', ONE.replaceAll('\n', ' ')],
    ['escapes that are broken', `${encodeURIComponent(ONE)}%zz`],
    ['PEM that was escaped twice', encodeURIComponent(encodeURIComponent(ONE))],
    ['more than a header can hold', `:${'A'.repeat(20_000)}:`],
  ])('is refused: %s', (_name, value) => {
    expect(() => parseCertificateHeader(value)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_CERTIFICATE' }))
  })

  test('is in no error', () => {
    const value = `:${Buffer.from('a secret').toString('base64')}:`
    const error: unknown = catching(() => parseCertificateHeader(value))
    expect(JSON.stringify(error) + String(error)).not.toContain(value.slice(1, -1))
  })
})

describe('RFC 7468: PEM', () => {
  test('of one certificate is read, of a chain it is refused', () => {
    expect(Buffer.from(parseCertificatePem(ONE)).equals(der)).toBe(true)
    expect(() => parseCertificatePem(ONE + TWO)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_CERTIFICATE' }))
  })
})

function catching(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}
