// A list of entity ids, as short as random ids allow: when all are UUIDs, 22 base64url characters each in one text, else a
// list of texts. Sorted and without repetitions, so that a set of ids has exactly one spelling.

import { ClaimsError, type ClaimsErrorCode } from '../errors.ts'
import { isEntityId } from '../principal/claim-value.ts'

export type IdList = string | readonly string[]

/** Packs ids that are sorted by `compareIds` and distinct. */
export function packIds(ids: readonly string[]): IdList {
  return ids.length > 0 && ids.every((id) => UUID.test(id)) ? ids.map(packUuid).join('') : ids
}

/** Throws the given code unless the list is of the form that `packIds` makes, with at most `limit` ids. */
export function unpackIds(packed: unknown, limit: number, code: ClaimsErrorCode): readonly string[] {
  const ids = typeof packed === 'string' ? unpackUuids(packed, limit, code) : unpackTexts(packed, limit, code)
  if (!ids.every((id, index) => index === 0 || compareIds(ids[index - 1] ?? '', id) < 0)) throw new ClaimsError(code)
  return ids
}

/** By UTF-16 code units: the same on every machine. */
export function compareIds(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** Lower case alone: an id is data, and must come back as it was. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const UUID_CHARACTERS = 22
/** 128 bits are 21 characters and two bits; the other four bits of the last one are zero, so an id has one spelling. */
const PACKED_UUIDS = /^(?:[A-Za-z0-9_-]{21}[AQgw])+$/

function packUuid(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')
}

function unpackTexts(packed: unknown, limit: number, code: ClaimsErrorCode): readonly string[] {
  if (!Array.isArray(packed) || packed.length > limit || !packed.every(isEntityId)) throw new ClaimsError(code)
  // a list of nothing but UUIDs has its own spelling
  if (packed.length > 0 && packed.every((id) => UUID.test(id))) throw new ClaimsError(code)
  return packed
}

function unpackUuids(packed: string, limit: number, code: ClaimsErrorCode): readonly string[] {
  const count = packed.length / UUID_CHARACTERS
  if (count > limit || !PACKED_UUIDS.test(packed)) throw new ClaimsError(code)
  return Array.from({ length: count }, (_, index) => {
    const text = packed.slice(index * UUID_CHARACTERS, (index + 1) * UUID_CHARACTERS)
    const hex = Buffer.from(text, 'base64url').toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  })
}
