// The one text of data for OPA. What OPA hashes is not the bytes of a JSON file but a walk over what it read (v1/bundle/hash.go): members
// by the bytes of their names, no white space, U+2028 and U+2029 escaped, numbers by their digits. This text is its own walk, so its
// hash is that of its bytes.

import { OpaError } from '../errors.ts'

/** Data that has one text: no fractions, no half characters. A `Map` is an object. */
export type OpaJson =
  | null
  | boolean
  | string
  | number
  | bigint
  | readonly OpaJson[]
  | ReadonlyMap<string, OpaJson>
  | OpaObject

export interface OpaObject {
  readonly [name: string]: OpaJson
}

/** OPA's own parser takes ten thousand. */
const MAX_DEPTH = 512

/** Throws `ERR_OPA_BUNDLE_CONTENT` for a fraction, a number beyond 2^53 that is no `bigint`, a half character, or too deep a value. */
export function printOpaJson(value: OpaJson, depth: number = MAX_DEPTH): string {
  if (depth === 0) throw new OpaError('ERR_OPA_BUNDLE_CONTENT', 'data of a bundle is nested too deeply')
  switch (typeof value) {
    case 'string':
      return printText(value)
    case 'bigint':
      return String(value)
    case 'number':
      if (Number.isSafeInteger(value)) return String(value)
      throw new OpaError('ERR_OPA_BUNDLE_CONTENT', 'data of a bundle has a number that is no whole one below 2^53')
    case 'boolean':
      return String(value)
    default:
      if (value === null) return 'null'
      if (isList(value)) return `[${value.map((item) => printOpaJson(item, depth - 1)).join(',')}]`
      return `{${membersOf(value)
        .map(([name, member]) => `${printText(name)}:${printOpaJson(member, depth - 1)}`)
        .join(',')}}`
  }
}

function isList(value: object): value is readonly OpaJson[] {
  return Array.isArray(value)
}

function membersOf(value: ReadonlyMap<string, OpaJson> | OpaObject): [string, OpaJson][] {
  const members = isMap(value) ? [...value] : Object.entries(value)
  return members.toSorted(([left], [right]) => compareBytes(left, right))
}

function isMap(value: object): value is ReadonlyMap<string, OpaJson> {
  return value instanceof Map
}

function printText(text: string): string {
  if (!text.isWellFormed()) throw new OpaError('ERR_OPA_BUNDLE_CONTENT', 'data of a bundle has half a character')
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

/** By UTF-8 bytes. By code units it is the same but for characters beyond the first plane, whose halves are smaller than U+E000. */
export function compareBytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at += 1) {
    const [one, other] = [left.charCodeAt(at), right.charCodeAt(at)]
    if (one !== other) return rankOf(one) - rankOf(other)
  }
  return left.length - right.length
}

function rankOf(unit: number): number {
  return unit >= 0xd8_00 && unit <= 0xdf_ff ? unit + 0x1_00_00 : unit
}
