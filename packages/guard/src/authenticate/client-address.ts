// The address of the caller: of the connection, or, behind proxies that are named in the configuration, the one that the
// nearest of them vouches for. What the caller writes into `X-Forwarded-For` himself stands further left and is not read.

import type { Headers } from './credentials.ts'
import { createProxyTest, plainAddress } from './proxies.ts'

/** Gives the caller's address, in its plain form, or `undefined` if it cannot be known. */
export type AddressReader = (peer: string | undefined, headers: Headers) => string | undefined

/** `proxies` are addresses or CIDR ranges. Throws `ERR_GUARD_OPTIONS` for a range that cannot be read. */
export function createAddressReader(proxies: readonly string[]): AddressReader {
  if (proxies.length === 0) return (peer) => plainAddress(peer)
  const isProxy = createProxyTest(proxies)
  return (peer, headers) => {
    let address = plainAddress(peer)
    const header = headers['x-forwarded-for']
    const hops = (Array.isArray(header) ? header.join(',') : String(header ?? '')).split(',')
    while (address !== undefined && isProxy(address)) {
      const hop = hops.pop()?.trim()
      if (hop === undefined || hop === '') return undefined
      address = plainAddress(hop)
    }
    return address
  }
}
