// The address of the caller: of the connection, or, behind proxies that are named in the configuration, the one that the
// nearest of them vouches for. What the caller writes into `X-Forwarded-For` himself stands further left and is not read.

import { BlockList, isIP } from 'node:net'
import { GuardError } from '../errors.ts'
import type { Headers } from './credentials.ts'

/** Gives the caller's address, in its plain form, or `undefined` if it cannot be known. */
export type AddressReader = (peer: string | undefined, headers: Headers) => string | undefined

/** `proxies` are addresses or CIDR ranges. Throws `ERR_GUARD_OPTIONS` for a range that cannot be read. */
export function createAddressReader(proxies: readonly string[]): AddressReader {
  if (proxies.length === 0) return (peer) => plain(peer)
  const trusted = listOf(proxies)
  const isTrusted = (address: string): boolean => trusted.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
  return (peer, headers) => {
    let address = plain(peer)
    const header = headers['x-forwarded-for']
    const hops = (Array.isArray(header) ? header.join(',') : String(header ?? '')).split(',')
    while (address !== undefined && isTrusted(address)) {
      const hop = hops.pop()?.trim()
      if (hop === undefined || hop === '') return undefined
      address = plain(hop)
    }
    return address
  }
}

/** Without an IPv4 address in IPv6 clothes, and without a zone. */
function plain(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const text = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address.replace(/%.*$/, '')
  return isIP(text) === 0 ? undefined : text
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
