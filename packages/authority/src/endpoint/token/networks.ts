// Where a token may be used, our claim `net`: the ranges that a confidential client vouches for, or the address that asked. A public
// client cannot vouch for anything, so from it a range is refused rather than believed.

import { BlockList, isIP } from 'node:net'
import { AuthorityError } from '../../errors.ts'
import { isPublic } from '../../identity/clients.ts'
import type { ClientRecord } from '../../store/records.ts'

const MAX_RANGES = 8

/** Errors: `ERR_AUTHORITY_BIND_ADDRESS`. */
export function readNetworks(parameter: string | undefined, client: ClientRecord): readonly string[] | undefined {
  if (parameter === undefined) return undefined
  if (isPublic(client)) {
    throw new AuthorityError(
      'ERR_AUTHORITY_BIND_ADDRESS',
      'only a confidential client can say where a token may be used',
    )
  }
  const ranges = parameter.split(' ')
  if (ranges.length > MAX_RANGES || !ranges.every(isRange)) {
    throw new AuthorityError('ERR_AUTHORITY_BIND_ADDRESS', '`bind_address` must be address ranges separated by spaces')
  }
  return ranges.map((range) => (range.includes('/') ? range : rangeOf(range)))
}

/** The one address, in its plain form. Errors: `ERR_AUTHORITY_BIND_ADDRESS` when it is not known. */
export function networksOf(address: string | undefined): readonly string[] {
  if (address === undefined) {
    throw new AuthorityError('ERR_AUTHORITY_BIND_ADDRESS', 'the address of the caller is not known')
  }
  return [rangeOf(address)]
}

function rangeOf(address: string): string {
  return `${address}/${isIP(address) === 4 ? 32 : 128}`
}

function isRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0 || (prefix !== undefined && !/^(0|[1-9][0-9]{0,2})$/.test(prefix))) return false
  try {
    new BlockList().addSubnet(address, Number(prefix ?? (family === 4 ? 32 : 128)), family === 4 ? 'ipv4' : 'ipv6')
    return true
  } catch {
    return false
  }
}
