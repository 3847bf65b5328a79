// A break-glass statement as it is carried: a JWS of its own kind in the compact serialization. Signature first, then the form; whom it
// concerns and until when is `checkBreakGlass`.

import {
  type KeySource,
  parseStrictJson,
  SIGNATURE_ALGORITHMS,
  type SigningKey,
  signJws,
  TokenError,
  verifyJws,
} from '@cardea/token'
import { FeedError } from '../errors.ts'
import { BREAK_GLASS_LIMITS, BREAK_GLASS_TYPE, type BreakGlass } from './break-glass.ts'
import { readBreakGlass } from './read-break-glass.ts'

const { textBytes: maxBytes } = BREAK_GLASS_LIMITS

/** What is signed passes the same check as what is opened. Throws `ERR_FEED_BREAK_GLASS_FORMAT`. */
export async function signBreakGlass(statement: BreakGlass, key: SigningKey): Promise<string> {
  const signed = await signJws(readBreakGlass(statement), key, { type: BREAK_GLASS_TYPE })
  if (signed.length <= maxBytes) return signed
  throw new FeedError('ERR_FEED_BREAK_GLASS_FORMAT', 'the break-glass statement names more than one can hold')
}

/** Each key is bound to its own algorithm. Throws `ERR_FEED_BREAK_GLASS_SIGNATURE`, `ERR_FEED_BREAK_GLASS_FORMAT`. */
export async function openBreakGlass(signed: string, keys: KeySource): Promise<BreakGlass> {
  let payload: Uint8Array
  try {
    const options = { keys, algorithms: SIGNATURE_ALGORITHMS, type: BREAK_GLASS_TYPE, maxBytes }
    payload = (await verifyJws(signed, options)).payload
  } catch (cause) {
    if (!(cause instanceof TokenError)) throw cause
    throw new FeedError('ERR_FEED_BREAK_GLASS_SIGNATURE', undefined, { cause })
  }
  return readPayload(payload)
}

/** What a text says, with nothing of it verified: to show it, and never to decide by it. Throws `ERR_FEED_BREAK_GLASS_FORMAT`. */
export function decodeBreakGlass(signed: string): BreakGlass {
  const [, payload = '', signature, ...more] = signed.split('.')
  if (signed.length > maxBytes || signature === undefined || more.length > 0) {
    throw new FeedError('ERR_FEED_BREAK_GLASS_FORMAT')
  }
  return readPayload(Buffer.from(payload, 'base64url'))
}

function readPayload(payload: Uint8Array): BreakGlass {
  try {
    return readBreakGlass(parseStrictJson(payload, { maxBytes, maxDepth: 2 }))
  } catch (cause) {
    if (!(cause instanceof TokenError)) throw cause
    throw new FeedError('ERR_FEED_BREAK_GLASS_FORMAT', undefined, { cause })
  }
}
