// Whether an address lies in one of a token's networks (CIDR, RFC 4632, RFC 4291). An IPv4 address in IPv6 clothes
// (`::ffff:10.0.0.1`, `::ffff:a00:1`) is that IPv4 address.

import { BlockList, isIP, SocketAddress } from 'node:net'

interface Address {
  readonly text: string
  readonly family: 'ipv4' | 'ipv6'
}

/** False for an address or a list that cannot be read: whatever is unclear is outside. */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  const list = listOf(networks)
  const { text, family } = readAddress(address) ?? {}
  return list !== undefined && text !== undefined && list.check(text, family)
}

/** Claims are frozen and live as long as their token, so their list is built once. */
const lists = new WeakMap<readonly string[], BlockList | 'unreadable'>()

function listOf(networks: readonly string[]): BlockList | undefined {
  let list = lists.get(networks)
  if (list === undefined) {
    list = buildList(networks) ?? 'unreadable'
    if (Object.isFrozen(networks)) lists.set(networks, list)
  }
  return list === 'unreadable' ? undefined : list
}

function buildList(networks: readonly string[]): BlockList | undefined {
  const list = new BlockList()
  for (const network of networks) {
    const [, base, length] = /^([0-9A-Fa-f:.]+)\/(0|[1-9][0-9]{0,2})$/.exec(network) ?? []
    const address = base === undefined ? undefined : readAddress(base)
    if (address === undefined || base === undefined) return undefined
    // The 96 bits in front of a mapped address are not part of the IPv4 network.
    const prefix = Number(length) - (isIP(base) === 6 && address.family === 'ipv4' ? 96 : 0)
    if (prefix < 0 || prefix > (address.family === 'ipv4' ? 32 : 128)) return undefined
    list.addSubnet(address.text, prefix, address.family)
  }
  return list
}

function readAddress(text: string): Address | undefined {
  const version = isIP(text)
  if (version === 4) return { text, family: 'ipv4' }
  // A zone (`%eth0`) names an interface of some machine, and means nothing in a claim.
  if (version !== 6 || text.includes('%')) return undefined
  const canonical = new SocketAddress({ address: text, family: 'ipv6' }).address
  const mapped = /^::ffff:([0-9.]+)$/.exec(canonical)?.[1]
  return mapped === undefined ? { text: canonical, family: 'ipv6' } : { text: mapped, family: 'ipv4' }
}
