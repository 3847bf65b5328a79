// IP addresses and ranges, by the rules of Cedar's `ipaddr`: no leading zeros, no IPv4 inside IPv6, at most 43 characters.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-datatypes.html#datatype-ipaddr

import type { IpValue } from './value.ts'

const MAXIMUM_LENGTH = 43
const BITS = { 4: 32, 6: 128 } as const
const LOOPBACK_4: IpValue = { kind: 'ipaddr', family: 4, address: 0x7f00_0000, prefix: 8 }
const LOOPBACK_6: IpValue = { kind: 'ipaddr', family: 6, address: 1n, prefix: 128 }
const MULTICAST_4: IpValue = { kind: 'ipaddr', family: 4, address: 0xe000_0000, prefix: 4 }
const MULTICAST_6: IpValue = { kind: 'ipaddr', family: 6, address: 0xffn << 120n, prefix: 8 }

/** The address or range that the text says; `undefined` when it is malformed. */
export function parseIp(text: string): IpValue | undefined {
  if (text.length > MAXIMUM_LENGTH) return undefined
  const slash = text.indexOf('/')
  const host = slash === -1 ? text : text.slice(0, slash)
  const family = host.includes(':') ? 6 : 4
  const prefix = slash === -1 ? BITS[family] : parsePrefix(text.slice(slash + 1), BITS[family])
  if (prefix === undefined) return undefined
  if (family === 4) {
    const address = parseAddress4(host)
    return address === undefined ? undefined : { kind: 'ipaddr', family, address, prefix }
  }
  const address = parseAddress6(host)
  return address === undefined ? undefined : { kind: 'ipaddr', family, address, prefix }
}

/** The text of the address, with its prefix length unless it is a single address. */
export function formatIp(ip: IpValue): string {
  const host = ip.family === 4 ? formatAddress4(ip.address) : formatAddress6(ip.address)
  return ip.prefix === BITS[ip.family] ? host : `${host}/${ip.prefix}`
}

/** True when every address of `inner` is one of `outer`. Ranges of different families never hold each other. */
export function isInRange(inner: IpValue, outer: IpValue): boolean {
  if (inner.prefix < outer.prefix) return false
  if (inner.family === 4) {
    // a shift by 32 would be one by 0
    return outer.family === 4 && (outer.prefix === 0 || (inner.address ^ outer.address) >>> (32 - outer.prefix) === 0)
  }
  return outer.family === 6 && (inner.address ^ outer.address) >> BigInt(128 - outer.prefix) === 0n
}

/** True for a range that lies wholly within 127.0.0.0/8, and for ::1. */
export function isLoopback(ip: IpValue): boolean {
  return isInRange(ip, ip.family === 4 ? LOOPBACK_4 : LOOPBACK_6)
}

/** True for a range that lies wholly within 224.0.0.0/4 or ff00::/8. */
export function isMulticast(ip: IpValue): boolean {
  return isInRange(ip, ip.family === 4 ? MULTICAST_4 : MULTICAST_6)
}

function parseAddress4(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let address = 0
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    address = address * 256 + Number(part)
  }
  return address
}

function parseAddress6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = parseGroups(halves[0] ?? '')
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '') : []
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  // `::` stands for at least one group
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  return [...head, ...Array<bigint>(missing).fill(0n), ...tail].reduce((address, group) => (address << 16n) | group, 0n)
}

function parseGroups(text: string): bigint[] | undefined {
  if (text === '') return []
  const groups = text.split(':')
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))
    ? groups.map((group) => BigInt(`0x${group}`))
    : undefined
}

function parsePrefix(text: string, maximum: number): number | undefined {
  if (!/^(?:0|[1-9]\d{0,2})$/.test(text)) return undefined
  const prefix = Number(text)
  return prefix <= maximum ? prefix : undefined
}

function formatAddress4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.')
}

function formatAddress6(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((address >> BigInt(112 - 16 * index)) & 0xffffn).toString(16))
  const run = longestZeroRun(groups)
  if (run.length < 2) return groups.join(':')
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  groups.forEach((group, index) => {
    if (group !== '0') start = index + 1
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start }
  })
  return best
}
