// Signed documents that are no access tokens: bundles, heads, checkpoints. Signature and kind are checked; what the payload
// says is the caller's.

import type { KeySource } from '../jwks/key-source.ts'
import type { SignatureAlgorithm } from './algorithm.ts'
import { parseCompact } from './compact.ts'
import { readTokenHeader, type TokenHeader, type TokenType } from './header.ts'
import { checkSignature, findKey } from './signature-check.ts'

export interface VerifyJwsOptions {
  readonly keys: KeySource
  readonly algorithms: readonly SignatureAlgorithm[]
  /** The exact `typ`, so that one kind of document never stands in for another. */
  readonly type: TokenType
  /** Characters of the whole text. Default 16 MiB. */
  readonly maxBytes?: number
}

export interface VerifiedJws {
  readonly header: TokenHeader
  readonly payload: Uint8Array
  readonly keyId: string
}

/** Throws `TokenError`: every code from the text to the signature that an access token has too. No clock is read. */
export async function verifyJws(text: string, options: VerifyJwsOptions): Promise<VerifiedJws> {
  const jws = parseCompact(text, options.maxBytes ?? 16_777_216)
  const header = readTokenHeader(jws.header, options)
  const key = await findKey(options.keys, header)
  checkSignature(jws, key)
  return { header, payload: jws.payload, keyId: key.kid }
}
