// Which address counts: never one that the caller could have written himself.

import { expect, test } from 'vitest'
import { createAddressReader } from '../../src/authenticate/client-address.ts'

const PROXIES = ['127.0.0.1', '10.0.0.0/8', '2001:db8::/32']

test.each<[string, readonly string[], string | undefined, string | readonly string[] | undefined, string | undefined]>([
  ['the connection, without proxies', [], '203.0.113.1', '198.51.100.1', '203.0.113.1'],
  ['the connection, which is no proxy', PROXIES, '203.0.113.1', '198.51.100.1', '203.0.113.1'],
  ['what one proxy says', PROXIES, '127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['the nearest that no proxy is', PROXIES, '127.0.0.1', '192.0.2.66, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
  ['in several headers', PROXIES, '127.0.0.1', ['192.0.2.66', '198.51.100.1'], '198.51.100.1'],
  ['IPv4 in IPv6 clothes', PROXIES, '::ffff:127.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
  ['the same in hexadecimal', PROXIES, '::ffff:7f00:1', '::ffff:c633:6401', '198.51.100.1'],
  ['IPv6 in one spelling', [], '2001:DB8:0:0::1', undefined, '2001:db8::1'],
  ['none, for an address with a port', PROXIES, '127.0.0.1', '198.51.100.1:4711', undefined],
  ['an IPv6 proxy', PROXIES, '2001:db8::5', '2001:4860::1', '2001:4860::1'],
  ['none, when the proxy says none', PROXIES, '127.0.0.1', undefined, undefined],
  ['none, when all are proxies', PROXIES, '127.0.0.1', '10.0.0.1', undefined],
  ['none, for garbage', PROXIES, '127.0.0.1', 'unknown', undefined],
  ['none, for an empty hop', PROXIES, '127.0.0.1', '198.51.100.1,', undefined],
  ['none, without a connection', PROXIES, undefined, '198.51.100.1', undefined],
])('%s', (_name, proxies, peer, forwarded, expected) => {
  expect(createAddressReader(proxies)(peer, { 'x-forwarded-for': forwarded })).toBe(expected)
})
