// Signing a bundle, and the address under which it is kept for ever.

import { createHash } from 'node:crypto'
import { type SigningKey, signJws } from '@cardea/token'
import { printBundle } from './build-bundle.ts'
import { BUNDLE_TYPE, type PublishedContent } from './bundle.ts'
import { checkContent, requirePublished } from './parse-bundle.ts'

/**
 * The signed text of a bundle: a JWS over its canonical text. What is signed passes the same form check as what is opened.
 * Throws `ERR_FEED_BUNDLE_FORMAT`.
 */
export async function signBundle(content: PublishedContent, key: SigningKey): Promise<string> {
  const text = printBundle(requirePublished(checkContent(content)))
  return signJws(Buffer.from(text), key, { type: BUNDLE_TYPE })
}

/** SHA-256 of the signed text, base64url: 43 characters. */
export function bundleDigest(signed: string): string {
  return createHash('sha256').update(signed).digest('base64url')
}
