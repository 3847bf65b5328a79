// JSON (RFC 8259) for text that an attacker may have written. Two parsers that read one text differently are a hole, so
// whatever is read differently in the wild is refused: duplicate names (escaped ones too), `__proto__`, lone surrogates,
// a byte order mark, numbers that a double cannot hold. Depth and the number of values are bounded before memory is.

import { TokenError, type TokenErrorCode } from '../errors.ts'
import type { JsonValue } from './json-value.ts'

export interface JsonLimits {
  /** UTF-8 bytes of the text. */
  readonly maxBytes: number
  /** Arrays and objects inside one another; `[]` has depth 1. */
  readonly maxDepth: number
  /** Values of all kinds together: every member and every element is one. */
  readonly maxValues: number
}

const DEFAULT_JSON_LIMITS: JsonLimits = { maxBytes: 1_048_576, maxDepth: 32, maxValues: 100_000 }

/**
 * Reads a JSON text, or throws `TokenError` with an `ERR_TOKEN_JSON...` code. The result is deeply frozen and its objects
 * have no prototype, so a member named `constructor` or `toString` is data like any other. Bytes must be valid UTF-8.
 * Integers must be safe (up to 2^53 - 1); other numbers must be finite and must not vanish to zero. Linear time.
 */
export function parseStrictJson(text: string | Uint8Array, limits: Partial<JsonLimits> = {}): JsonValue {
  const { maxBytes, maxDepth, maxValues } = { ...DEFAULT_JSON_LIMITS, ...limits }
  // A string has at most as many UTF-16 units as UTF-8 bytes, so the cheap test comes first.
  if (text.length > maxBytes) throw new TokenError('ERR_TOKEN_JSON_SIZE')
  if (typeof text === 'string' && text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes) {
    throw new TokenError('ERR_TOKEN_JSON_SIZE')
  }
  const source = typeof text === 'string' ? text : decodeUtf8(text)
  if (source.charCodeAt(0) === BYTE_ORDER_MARK || !source.isWellFormed()) throw new TokenError('ERR_TOKEN_JSON_TEXT')
  const reader: Reader = { source, at: 0, depthLeft: maxDepth, valuesLeft: maxValues }
  skipSpace(reader)
  const value = readValue(reader)
  skipSpace(reader)
  if (reader.at < source.length) throw failure(reader)
  return value
}

interface Reader {
  readonly source: string
  at: number
  depthLeft: number
  valuesLeft: number
}

const BYTE_ORDER_MARK = 0xfeff
const QUOTE = 0x22
const BACKSLASH = 0x5c
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new TokenError('ERR_TOKEN_JSON_TEXT', undefined, { cause })
  }
}

function readValue(reader: Reader): JsonValue {
  reader.valuesLeft -= 1
  if (reader.valuesLeft < 0) throw failure(reader, 'ERR_TOKEN_JSON_SIZE')
  switch (reader.source[reader.at]) {
    case '"':
      return readString(reader)
    case '{':
      return nested(reader, readObject)
    case '[':
      return nested(reader, readArray)
    case 't':
      return readWord(reader, 'true', true)
    case 'f':
      return readWord(reader, 'false', false)
    case 'n':
      return readWord(reader, 'null', null)
    case undefined:
    default:
      return readNumber(reader)
  }
}

function nested(reader: Reader, read: (reader: Reader) => JsonValue): JsonValue {
  reader.depthLeft -= 1
  if (reader.depthLeft < 0) throw failure(reader, 'ERR_TOKEN_JSON_DEPTH')
  const value = read(reader)
  reader.depthLeft += 1
  return value
}

function readObject(reader: Reader): JsonValue {
  const members: Record<string, JsonValue> = Object.create(null)
  reader.at += 1
  skipSpace(reader)
  if (take(reader, '}')) return Object.freeze(members)
  do {
    skipSpace(reader)
    if (reader.source[reader.at] !== '"') throw failure(reader)
    const name = readString(reader)
    if (name === '__proto__') throw failure(reader, 'ERR_TOKEN_JSON_PROTO')
    if (name in members) throw failure(reader, 'ERR_TOKEN_JSON_DUPLICATE')
    skipSpace(reader)
    expect(reader, ':')
    skipSpace(reader)
    members[name] = readValue(reader)
    skipSpace(reader)
  } while (take(reader, ','))
  expect(reader, '}')
  return Object.freeze(members)
}

function readArray(reader: Reader): JsonValue {
  const elements: JsonValue[] = []
  reader.at += 1
  skipSpace(reader)
  if (take(reader, ']')) return Object.freeze(elements)
  do {
    skipSpace(reader)
    elements.push(readValue(reader))
    skipSpace(reader)
  } while (take(reader, ','))
  expect(reader, ']')
  return Object.freeze(elements)
}

function readString(reader: Reader): string {
  const { source } = reader
  const start = reader.at + 1
  for (let at = start; at < source.length; at += 1) {
    const unit = source.charCodeAt(at)
    if (unit === QUOTE) {
      reader.at = at + 1
      return source.slice(start, at)
    }
    if (unit === BACKSLASH) return readEscapedString(reader, start, at)
    if (unit < 0x20) break
  }
  throw failure(reader)
}

function readEscapedString(reader: Reader, start: number, firstEscape: number): string {
  const { source } = reader
  let text = source.slice(start, firstEscape)
  let at = firstEscape
  while (at < source.length) {
    const unit = source.charCodeAt(at)
    if (unit === QUOTE) {
      reader.at = at + 1
      // Escapes can make half a character that the source as a whole did not have.
      if (!text.isWellFormed()) throw failure(reader, 'ERR_TOKEN_JSON_TEXT')
      return text
    }
    if (unit < 0x20) break
    if (unit !== BACKSLASH) {
      text += source[at]
      at += 1
      continue
    }
    const hex = source[at + 1] === 'u' ? HEX.exec(source.slice(at + 2, at + 6)) : null
    const character =
      hex === null ? ESCAPES.get(source[at + 1] ?? '') : String.fromCharCode(Number.parseInt(hex[0], 16))
    if (character === undefined) break
    text += character
    at += hex === null ? 2 : 6
  }
  throw failure(reader)
}

const HEX = /^[0-9A-Fa-f]{4}$/
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y

function readNumber(reader: Reader): number {
  NUMBER.lastIndex = reader.at
  const match = NUMBER.exec(reader.source)
  if (match === null) throw failure(reader)
  reader.at = NUMBER.lastIndex
  const [text, fraction, exponent] = match
  const value = Number(text)
  const exact = fraction === undefined && exponent === undefined ? Number.isSafeInteger(value) : Number.isFinite(value)
  if (!exact || (value === 0 && vanished(text))) throw failure(reader, 'ERR_TOKEN_JSON_NUMBER')
  return value
}

/** Whether a number that reads as zero was written with another digit than zero, as `1e-400` is. */
function vanished(text: string): boolean {
  return /^[^eE]*[1-9]/.test(text)
}

function readWord<T extends JsonValue>(reader: Reader, word: string, value: T): T {
  if (!reader.source.startsWith(word, reader.at)) throw failure(reader)
  reader.at += word.length
  return value
}

function skipSpace(reader: Reader): void {
  for (;;) {
    const unit = reader.source.charCodeAt(reader.at)
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return
    reader.at += 1
  }
}

function take(reader: Reader, character: string): boolean {
  if (reader.source[reader.at] !== character) return false
  reader.at += 1
  return true
}

function expect(reader: Reader, character: string): void {
  if (!take(reader, character)) throw failure(reader)
}

function failure(reader: Reader, code: TokenErrorCode = 'ERR_TOKEN_JSON'): TokenError {
  return new TokenError(code, undefined, { hint: `near offset ${reader.at}` })
}
