// Whether an address lies in one of a token's networks (CIDR, RFC 4632, RFC 4291). An IPv4 address in IPv6 clothes
// (`::ffff:10.0.0.1`, `::ffff:a00:1`) is that IPv4 address.

import { BlockList, isIP, SocketAddress } from 'node:net'

interface Address {
  readonly text: string
  readonly family: 'ipv4' | 'ipv6'
}

/** False for an address or a list that cannot be read: whatever is unclear is outside. */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  const lists = listsOf(networks)
  const known = readAddress(address)
  return lists !== undefined && known !== undefined && lists[known.family].check(known.text, known.family)
}

/** One a family: a `BlockList` would otherwise find an IPv4 address in `::/0`. */
type Lists = Readonly<Record<Address['family'], BlockList>>

/** Claims are frozen and live as long as their token, so their lists are built once. */
const remembered = new WeakMap<readonly string[], Lists | 'unreadable'>()

function listsOf(networks: readonly string[]): Lists | undefined {
  let lists = remembered.get(networks)
  if (lists === undefined) {
    lists = buildLists(networks) ?? 'unreadable'
    if (Object.isFrozen(networks)) remembered.set(networks, lists)
  }
  return lists === 'unreadable' ? undefined : lists
}

function buildLists(networks: readonly string[]): Lists | undefined {
  const lists: Lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const network of networks) {
    const [, base, length] = /^([0-9A-Fa-f:.]+)\/(0|[1-9][0-9]{0,2})$/.exec(network) ?? []
    const address = base === undefined ? undefined : readAddress(base)
    if (address === undefined || base === undefined) return undefined
    // The 96 bits in front of a mapped address are not part of the IPv4 network.
    const prefix = Number(length) - (isIP(base) === 6 && address.family === 'ipv4' ? 96 : 0)
    if (prefix < 0 || prefix > (address.family === 'ipv4' ? 32 : 128)) return undefined
    lists[address.family].addSubnet(address.text, prefix, address.family)
  }
  return lists
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
