// Signing in the compact serialization (RFC 7515 section 3.1), with `alg`, `kid` and `typ` in the header and nothing else.

import type { SigningKey } from '../key/signing-key.ts'
import { ALGORITHMS } from './algorithm.ts'

export interface SignJwsOptions {
  /** The `typ` of the header: what kind of document this is. */
  readonly type: string
}

/** A signed document. An object is written as JSON; bytes are signed as they are. An empty payload is a `TypeError`. */
export async function signJws(payload: Uint8Array | object, key: SigningKey, options: SignJwsOptions): Promise<string> {
  const bytes = payload instanceof Uint8Array ? payload : Buffer.from(JSON.stringify(payload))
  if (bytes.length === 0) throw new TypeError('a signed document has a payload')
  if (options.type === '') throw new TypeError('a signed document has a type')
  const header = { alg: key.algorithm, kid: key.kid, typ: options.type }
  const input = `${base64url(JSON.stringify(header))}.${base64url(bytes)}`
  const signature = await key.sign(Buffer.from(input, 'latin1'))
  if (!ALGORITHMS[key.algorithm].isSignatureForm(signature, key.publicKey))
    throw new TypeError('the key is not of its algorithm')
  return `${input}.${base64url(signature)}`
}

function base64url(bytes: Uint8Array | string): string {
  return Buffer.from(bytes).toString('base64url')
}
