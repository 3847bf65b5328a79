// The places of values in a JSON text, without making the values. A caller may put anything into the input of a decision: only what is
// read of it costs memory, and what is strange in one member says nothing about the others. Linear time, no recursion.

import { type JsonValue, parseStrictJson } from '@cardea/token'
import { OpaError } from '../errors.ts'

/** A value in the bytes, without the space around it. */
export interface Slice {
  readonly start: number
  readonly end: number
}

/** What a member that is read may hold. */
const MEMBER_LIMITS = { maxBytes: 65_536, maxDepth: 8, maxValues: 2000 } as const

/** `undefined` for a value that is no array. Throws `ERR_OPA_REPORT` for one that does not end as one. */
export function elementsOf(bytes: Uint8Array, { start, end }: Slice, most: number): Slice[] | undefined {
  if (bytes[start] !== OPEN_ARRAY) return undefined
  const elements: Slice[] = []
  const after = readItems(bytes, start, end, CLOSE_ARRAY, (at) => {
    if (elements.length === most)
      throw new OpaError('ERR_OPA_REPORT_TOO_LARGE', `a report has more than ${most} events`)
    const element = { start: at, end: endOfValue(bytes, at, end) }
    elements.push(element)
    return element.end
  })
  if (after !== end) throw malformed()
  return elements
}

/**
 * The members of these names. `undefined` for a value that is no object, or that has one of them twice. Throws `ERR_OPA_REPORT` for one that does not
 * end as one.
 */
export function membersOf<Name extends string>(
  bytes: Uint8Array,
  slice: Slice,
  names: readonly Name[],
): Readonly<Partial<Record<Name, Slice>>> | undefined {
  const found: Partial<Record<Name, Slice>> = {}
  let isTwice = false
  const isObject = readMembers(bytes, slice, (key, value) => {
    const name = nameAt(bytes, key, names)
    if (name === undefined) return
    isTwice ||= found[name] !== undefined
    found[name] = value
  })
  return isObject && !isTwice ? found : undefined
}

/** The first members, whatever their names; none for a value that is no object. Throws `ERR_OPA_REPORT` for one that does not end as one. */
export function firstMembersOf(bytes: Uint8Array, slice: Slice, most: number): [string, Slice][] {
  const found: [string, Slice][] = []
  readMembers(bytes, slice, (key, value) => {
    if (found.length === most) return
    const name = valueAt(bytes, key)
    if (typeof name === 'string') found.push([name, value])
  })
  return found
}

/** The value itself, read strictly; `undefined` for none and for one that does not read or is too large. */
export function valueAt(bytes: Uint8Array, slice: Slice | undefined): JsonValue | undefined {
  if (slice === undefined) return undefined
  try {
    return parseStrictJson(bytes.subarray(slice.start, slice.end), MEMBER_LIMITS)
  } catch {
    return undefined
  }
}

/** All of the bytes but the space around. */
export function wholeOf(bytes: Uint8Array): Slice {
  const start = skipSpace(bytes, 0, bytes.length)
  let end = bytes.length
  while (end > start && isSpace(bytes[end - 1])) end -= 1
  return { start, end }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const COMMA = 0x2c
const COLON = 0x3a

/** What stands between the brackets; `read` answers where an item ends. Answers where the whole ends. */
function readItems(bytes: Uint8Array, start: number, end: number, close: number, read: (at: number) => number): number {
  let at = skipSpace(bytes, start + 1, end)
  if (bytes[at] === close) return at + 1
  while (at < end) {
    at = skipSpace(bytes, read(at), end)
    if (bytes[at] === close) return at + 1
    if (bytes[at] !== COMMA) throw malformed()
    at = skipSpace(bytes, at + 1, end)
  }
  throw malformed()
}

/** False for a value that is no object. */
function readMembers(bytes: Uint8Array, { start, end }: Slice, take: (key: Slice, value: Slice) => void): boolean {
  if (bytes[start] !== OPEN_OBJECT) return false
  const after = readItems(bytes, start, end, CLOSE_OBJECT, (at) => {
    const key = { start: at, end: endOfString(bytes, at, end) }
    const colon = skipSpace(bytes, key.end, end)
    if (bytes[colon] !== COLON) throw malformed()
    const first = skipSpace(bytes, colon + 1, end)
    const value = { start: first, end: endOfValue(bytes, first, end) }
    take(key, value)
    return value.end
  })
  if (after !== end) throw malformed()
  return true
}

function endOfValue(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] === QUOTE) return endOfString(bytes, start, end)
  if (bytes[start] !== OPEN_OBJECT && bytes[start] !== OPEN_ARRAY) return endOfWord(bytes, start, end)
  let depth = 0
  let at = start
  while (at < end) {
    const byte = bytes[at]
    if (byte === QUOTE) {
      at = endOfString(bytes, at, end)
      continue
    }
    at += 1
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1
    if (depth === 0) return at
  }
  throw malformed()
}

function endOfString(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== QUOTE) throw malformed()
  for (let at = start + 1; at < end; at += 1) {
    const byte = bytes[at]
    if (byte === BACKSLASH) at += 1
    else if (byte === QUOTE) return at + 1
  }
  throw malformed()
}

/** A number, `true`, `false`, `null`: whoever reads it sees what it is. */
function endOfWord(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && isOfWord(bytes[at] ?? 0)) at += 1
  if (at === start) throw malformed()
  return at
}

function isOfWord(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x45
  )
}

/** An OPA escapes no letter, so a name has one spelling. */
function nameAt<Name extends string>(
  bytes: Uint8Array,
  { start, end }: Slice,
  names: readonly Name[],
): Name | undefined {
  const length = end - start - 2
  return names.find((name) => {
    if (name.length !== length) return false
    for (let index = 0; index < length; index += 1) {
      if (bytes[start + 1 + index] !== name.charCodeAt(index)) return false
    }
    return true
  })
}

function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && isSpace(bytes[at])) at += 1
  return at
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function malformed(): OpaError {
  return new OpaError('ERR_OPA_REPORT', 'a report is not JSON')
}
