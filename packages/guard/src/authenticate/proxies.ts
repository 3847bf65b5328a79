// Which peers are proxies that the configuration names. What they say in headers counts; what anybody else says there does not.

import { BlockList, isIP, SocketAddress } from 'node:net'
import { GuardError } from '../errors.ts'

/** Whether an address, in its plain form, is that of a proxy. */
export type ProxyTest = (address: string) => boolean

/** `proxies` are addresses or CIDR ranges. Throws `ERR_GUARD_OPTIONS` for one that cannot be read. */
export function createProxyTest(proxies: readonly string[]): ProxyTest {
  if (proxies.length === 0) return () => false
  const trusted = listOf(proxies)
  return (address) => trusted.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
}

/** One text an address: IPv4 in IPv6 clothes, in either spelling, is IPv4, and there is no zone. `undefined` for what is no address. */
export function plainAddress(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const text = address.replace(/%.*$/, '')
  const version = isIP(text)
  if (version !== 6) return version === 4 ? text : undefined
  const { address: canonical } = new SocketAddress({ address: text, family: 'ipv6' })
  return /^::ffff:([0-9.]+)$/.exec(canonical)?.[1] ?? canonical
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [base = '', length, ...rest] = range.split('/')
    const family = isIP(base) === 4 ? 'ipv4' : 'ipv6'
    try {
      if (isIP(base) === 0 || rest.length > 0) throw new Error('neither an address nor a range')
      if (length === undefined) list.addAddress(base, family)
      else list.addSubnet(base, /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN, family)
    } catch (cause) {
      throw new GuardError('ERR_GUARD_OPTIONS', '`trustedProxies` holds what is neither an address nor a range', {
        cause,
      })
    }
  }
  return list
}
