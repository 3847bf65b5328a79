// The compact serialization (RFC 7515 section 7.1), read strictly: exactly three non-empty parts, one spelling each,
// within a size cap, and a header that is one JSON object. Nothing here is checked against a key.

import { TokenError } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../json/json-value.ts'
import { type JsonLimits, parseStrictJson } from '../json/strict-json.ts'
import { decodeBase64url } from './base64url.ts'

export interface CompactJws {
  readonly header: JsonObject
  readonly payload: Buffer
  /** What was signed: the first two parts with their dot, in ASCII. */
  readonly signingInput: Buffer
  readonly signature: Buffer
}

const HEADER_LIMITS: JsonLimits = { maxBytes: 8192, maxDepth: 8, maxValues: 256 }

/** Throws `ERR_TOKEN_TEXT`, `ERR_TOKEN_SIZE`, `ERR_TOKEN_PARTS`, `ERR_TOKEN_ENCODING`, `ERR_TOKEN_HEADER` or an `ERR_TOKEN_JSON...`. */
export function parseCompact(text: unknown, maxBytes: number): CompactJws {
  if (typeof text !== 'string' || text === '') throw new TokenError('ERR_TOKEN_TEXT')
  // What is not ASCII is refused below, so units are bytes.
  if (text.length > maxBytes) throw new TokenError('ERR_TOKEN_SIZE')
  const first = text.indexOf('.')
  const second = text.indexOf('.', first + 1)
  if (first < 1 || second <= first + 1 || second === text.length - 1 || text.includes('.', second + 1)) {
    throw new TokenError('ERR_TOKEN_PARTS')
  }
  const headerBytes = decodeBase64url(text.slice(0, first))
  const payload = decodeBase64url(text.slice(first + 1, second))
  const signature = decodeBase64url(text.slice(second + 1))
  if (headerBytes === undefined || payload === undefined || signature === undefined) {
    throw new TokenError('ERR_TOKEN_ENCODING')
  }
  const header = parseStrictJson(headerBytes, HEADER_LIMITS)
  if (!isJsonObject(header)) throw new TokenError('ERR_TOKEN_HEADER')
  return { header, payload, signingInput: Buffer.from(text.slice(0, second), 'latin1'), signature }
}
