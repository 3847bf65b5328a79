// Where an authority listens, by its address.

import { describe, expect, it } from 'vitest'
import { listenAddress } from '../src/listen-address.ts'

describe('listenAddress', () => {
  it.each([
    ['a port in the address', 'http://127.0.0.1:8181', {}, { port: 8181, hostname: '127.0.0.1' }],
    ['no port in it', 'http://localhost', {}, { port: 80, hostname: 'localhost' }],
    ['an address of IPv6', 'http://[::1]:8181', {}, { port: 8181, hostname: '::1' }],
    ['a proxy in front', 'https://authority.example', { CARDEA_PORT: '8080' }, { port: 8080, hostname: '127.0.0.1' }],
    ['a container', 'https://a.example', { CARDEA_PORT: '8080', CARDEA_HOST: '::' }, { port: 8080, hostname: '::' }],
    ['the environment wins', 'http://localhost:1', { CARDEA_PORT: '2' }, { port: 2, hostname: 'localhost' }],
  ])('%s', (_name, url, environment, expected) => {
    expect(listenAddress(url, false, environment)).toEqual(expected)
  })

  it.each([
    ['no port in it', 'https://authority.example', {}, { port: 443, hostname: 'authority.example' }],
    ['a port in it', 'https://localhost:8443', {}, { port: 8443, hostname: 'localhost' }],
    ['the environment wins', 'https://a.example', { CARDEA_HOST: '::' }, { port: 443, hostname: '::' }],
  ])('with TLS of its own: %s', (_name, url, environment, expected) => {
    expect(listenAddress(url, true, environment)).toEqual(expected)
  })

  it.each([
    ['an https address alone', 'https://authority.example', {}],
    ['a port that is none', 'http://localhost', { CARDEA_PORT: 'http' }],
    ['a port that is too high', 'http://localhost', { CARDEA_PORT: '65536' }],
    ['an empty port', 'http://localhost', { CARDEA_PORT: '' }],
  ])('refuses %s', (_name, url, environment) => {
    expect(() => listenAddress(url, false, environment)).toThrow(
      expect.objectContaining({ code: 'ERR_COMMAND_CONFIG' }),
    )
  })
})
