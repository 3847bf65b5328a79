// Groups 22, 29 and 30 of the threats: a token that is real, and in the wrong hands or the wrong place.

import { describe, expect, test } from 'vitest'
import { type BindingFacts, bindingMismatches, certificateThumbprint, checkBinding } from '@cardea/token'
import { isInNetworks } from '../../src/binding/networks.ts'
import { forge, verifierAt } from '../fixture.ts'

const JKT = 'A'.repeat(43)
const X5T = certificateThumbprint(Buffer.from('leaf certificate'))
const bearer: BindingFacts = { scheme: 'Bearer' }
const dpop: BindingFacts = { scheme: 'DPoP', dpopThumbprint: JKT }

async function check(claims: object, facts: BindingFacts): Promise<string> {
  const token = await verifierAt().verify(forge({ payload: { ...claims } }))
  return checkBinding(token, facts)?.code ?? 'fits'
}

describe('22, 29: keys and certificates', () => {
  test.each<readonly [name: string, claims: object, facts: BindingFacts, expected: string]>([
    ['nothing bound, under Bearer', {}, bearer, 'fits'],
    ['nothing bound, under DPoP', {}, dpop, 'ERR_TOKEN_BINDING_SCHEME'],
    ['bound, with its proof', { cnf: { jkt: JKT } }, dpop, 'fits'],
    ['bound, without proof', { cnf: { jkt: JKT } }, { scheme: 'DPoP' }, 'ERR_TOKEN_BINDING_DPOP'],
    [
      'bound, with another key',
      { cnf: { jkt: JKT } },
      { ...dpop, dpopThumbprint: 'B'.repeat(43) },
      'ERR_TOKEN_BINDING_DPOP',
    ],
    [
      'bound, with a thumbprint that begins right',
      { cnf: { jkt: JKT } },
      { ...dpop, dpopThumbprint: 'A' },
      'ERR_TOKEN_BINDING_DPOP',
    ],
    ['bound, under Bearer', { cnf: { jkt: JKT } }, bearer, 'ERR_TOKEN_BINDING_SCHEME'],
    [
      'bound, under Bearer, with its proof',
      { cnf: { jkt: JKT } },
      { ...dpop, scheme: 'Bearer' },
      'ERR_TOKEN_BINDING_SCHEME',
    ],
    ['certificate, with it', { cnf: { 'x5t#S256': X5T } }, { ...bearer, certificateThumbprint: X5T }, 'fits'],
    ['certificate, without', { cnf: { 'x5t#S256': X5T } }, bearer, 'ERR_TOKEN_BINDING_CERTIFICATE'],
    [
      'certificate, with another one of the chain',
      { cnf: { 'x5t#S256': X5T } },
      { ...bearer, certificateThumbprint: certificateThumbprint(Buffer.from('issuer certificate')) },
      'ERR_TOKEN_BINDING_CERTIFICATE',
    ],
    ['both, with both', { cnf: { jkt: JKT, 'x5t#S256': X5T } }, { ...dpop, certificateThumbprint: X5T }, 'fits'],
    ['both, with the proof alone', { cnf: { jkt: JKT, 'x5t#S256': X5T } }, dpop, 'ERR_TOKEN_BINDING_CERTIFICATE'],
    [
      'both, with the certificate alone',
      { cnf: { jkt: JKT, 'x5t#S256': X5T } },
      { scheme: 'DPoP', certificateThumbprint: X5T },
      'ERR_TOKEN_BINDING_DPOP',
    ],
    ['a certificate that nobody asked for', {}, { ...bearer, certificateThumbprint: X5T }, 'fits'],
  ])('%s', async (_, claims, facts, expected) => {
    expect(await check(claims, facts)).toBe(expected)
  })
  test('the thumbprint is of the DER bytes, not of their PEM text', () => {
    const der = Buffer.from('leaf certificate')
    expect(certificateThumbprint(der)).not.toBe(certificateThumbprint(Buffer.from(der.toString('base64'))))
  })
})

describe('30: the tenant of the address', () => {
  test.each<readonly [name: string, claims: object, tenant: string | undefined, expected: string]>([
    ['the same', { tenant: 'acme' }, 'acme', 'fits'],
    ['another', { tenant: 'acme' }, 'umbrella', 'ERR_TOKEN_BINDING_TENANT'],
    ['none in the token', {}, 'acme', 'ERR_TOKEN_BINDING_TENANT'],
    ['none in the address', { tenant: 'acme' }, undefined, 'fits'],
    ['another case', { tenant: 'acme' }, 'ACME', 'ERR_TOKEN_BINDING_TENANT'],
    ['empty in the address', { tenant: 'acme' }, '', 'ERR_TOKEN_BINDING_TENANT'],
  ])('%s', async (_, claims, tenant, expected) => {
    expect(await check(claims, tenant === undefined ? bearer : { ...bearer, tenant })).toBe(expected)
  })
})

describe('22, 29, 30: all that does not fit', () => {
  const claims = { cnf: { jkt: JKT, 'x5t#S256': X5T }, net: ['10.0.0.0/8'], tenant: 'acme' }
  const fits: BindingFacts = { ...dpop, certificateThumbprint: X5T, address: '10.0.0.1', tenant: 'acme' }
  test.each<readonly [name: string, facts: BindingFacts, expected: readonly string[]]>([
    ['nothing', fits, []],
    ['the key', { ...fits, dpopThumbprint: 'B'.repeat(43) }, ['key ERR_TOKEN_BINDING_DPOP']],
    ['the scheme, once', { ...fits, scheme: 'Bearer', dpopThumbprint: 'A' }, ['key ERR_TOKEN_BINDING_SCHEME']],
    [
      'address and tenant',
      { ...fits, address: '11.0.0.0', tenant: 'umbrella' },
      ['address ERR_TOKEN_BINDING_ADDRESS', 'tenant ERR_TOKEN_BINDING_TENANT'],
    ],
    [
      'everything',
      { scheme: 'Bearer', tenant: 'umbrella' },
      [
        'key ERR_TOKEN_BINDING_SCHEME',
        'certificate ERR_TOKEN_BINDING_CERTIFICATE',
        'address ERR_TOKEN_BINDING_ADDRESS',
        'tenant ERR_TOKEN_BINDING_TENANT',
      ],
    ],
  ])('%s', async (_, facts, expected) => {
    const token = await verifierAt().verify(forge({ payload: claims }))
    const found = bindingMismatches(token, facts)
    expect(found.map(({ kind, error }) => `${kind} ${error.code}`)).toEqual(expected)
    expect(checkBinding(token, facts)?.code).toBe(found[0]?.error.code)
  })
})

describe('30: networks', () => {
  test.each<readonly [address: string, networks: readonly string[], inside: boolean]>([
    ['10.1.2.3', ['10.0.0.0/8'], true],
    ['10.255.255.255', ['10.0.0.0/8'], true],
    ['11.0.0.0', ['10.0.0.0/8'], false],
    ['9.255.255.255', ['10.0.0.0/8'], false],
    ['192.0.2.7', ['192.0.2.7/32'], true],
    ['192.0.2.8', ['192.0.2.7/32'], false],
    ['192.0.2.8', ['10.0.0.0/8', '192.0.2.8/32'], true],
    ['203.0.113.9', ['0.0.0.0/0'], true],
    ['::ffff:10.1.2.3', ['10.0.0.0/8'], true],
    ['::ffff:a01:203', ['10.0.0.0/8'], true],
    ['0:0:0:0:0:ffff:a01:203', ['10.0.0.0/8'], true],
    ['::FFFF:11.1.2.3', ['10.0.0.0/8'], false],
    ['10.1.2.3', ['::ffff:10.0.0.0/104'], true],
    ['11.1.2.3', ['::ffff:10.0.0.0/104'], false],
    ['10.1.2.3', ['::ffff:10.0.0.0/8'], false],
    ['::10.1.2.3', ['10.0.0.0/8'], false],
    ['64:ff9b::10.1.2.3', ['10.0.0.0/8'], false],
    ['10.1.2.3', ['::/0'], false],
    ['2001:db8::1', ['0.0.0.0/0'], false],
    ['2001:db8::1', ['2001:db8::/32'], true],
    ['2001:DB8:0:0::1', ['2001:db8::/32'], true],
    ['2001:db9::1', ['2001:db8::/32'], false],
    ['fe80::1%eth0', ['fe80::/10'], false],
    ['010.1.2.3', ['10.0.0.0/8'], false],
    ['10.1.2', ['10.0.0.0/8'], false],
    ['10.1.2.3 ', ['10.0.0.0/8'], false],
    ['10.1.2.3, 10.0.0.1', ['10.0.0.0/8'], false],
    ['0x0a010203', ['10.0.0.0/8'], false],
    ['', ['0.0.0.0/0'], false],
    ['10.1.2.3', [], false],
    ['10.1.2.3', ['10.0.0.0/33'], false],
    ['10.1.2.3', ['10.0.0.0/08'], false],
    ['10.1.2.3', ['10.0.0.0'], false],
    ['10.1.2.3', ['10.0.0.0/'], false],
    ['10.1.2.3', ['*'], false],
    // One that cannot be read spoils the list: what its author meant is not known.
    ['10.1.2.3', ['10.0.0.0/8', 'office'], false],
  ])('%s in %j: %s', (address, networks, inside) => {
    expect(isInNetworks(address, networks)).toBe(inside)
    expect(isInNetworks(address, Object.freeze([...networks]))).toBe(inside)
  })
  test('a bound token needs an address', async () => {
    expect(await check({ net: ['0.0.0.0/0', '::/0'] }, bearer)).toBe('ERR_TOKEN_BINDING_ADDRESS')
    expect(await check({ net: ['10.0.0.0/8'] }, { ...bearer, address: '10.0.0.1' })).toBe('fits')
    expect(await check({ net: ['10.0.0.0/8'] }, { ...bearer, address: '203.0.113.9' })).toBe(
      'ERR_TOKEN_BINDING_ADDRESS',
    )
    expect(await check({ net: [] }, { ...bearer, address: '10.0.0.1' })).toBe('ERR_TOKEN_BINDING_ADDRESS')
  })
})
