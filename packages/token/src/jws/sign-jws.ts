// Signing in the compact serialization (RFC 7515 section 3.1), with `alg`, `kid` and `typ` in the header and nothing else.

import { CompactSign } from 'jose'
import type { SigningKey } from '../key/signing-key.ts'

export interface SignJwsOptions {
  /** The `typ` of the header: what kind of document this is. */
  readonly type: string
}

/** A signed document. An object is written as JSON; bytes are signed as they are. An empty payload is a `TypeError`. */
export async function signJws(payload: Uint8Array | object, key: SigningKey, options: SignJwsOptions): Promise<string> {
  const bytes = payload instanceof Uint8Array ? payload : Buffer.from(JSON.stringify(payload))
  if (bytes.length === 0) throw new TypeError('a signed document has a payload')
  if (options.type === '') throw new TypeError('a signed document has a type')
  return new CompactSign(bytes)
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: options.type })
    .sign(key.privateKey)
}
