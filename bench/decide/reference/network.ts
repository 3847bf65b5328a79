// Addresses as a good engineer would write them who has only version 4 to expect: numbers under a mask.

/** Whether the address is in one of the two ranges. */
export type InNetworks = (address: number) => boolean

export function networksOf({ office, vpn }: { readonly office: string; readonly vpn: string }): InNetworks {
  const first = rangeOf(office)
  const second = rangeOf(vpn)
  return (address) => (address & first.mask) === first.base || (address & second.mask) === second.base
}

export function addressOf(ip: string): number {
  return ip.split('.').reduce((address, part) => (address << 8) | Number(part), 0)
}

function rangeOf(text: string): { readonly base: number; readonly mask: number } {
  const [address = '', prefix = '32'] = text.split('/')
  const mask = ~(2 ** (32 - Number(prefix)) - 1)
  return { base: addressOf(address) & mask, mask }
}
