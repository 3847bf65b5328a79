// Signing a bundle, and the address under which it is kept for ever.

import { createHash } from 'node:crypto'
import { type SigningKey, signJws } from '@cardea/token'
import { BUNDLE_TYPE, type BundleContent } from './bundle.ts'
import { readBundleContent } from './read-bundle-content.ts'

/**
 * The signed text of a bundle. What is signed passes the same form check as what is opened.
 * Throws `ERR_FEED_BUNDLE_FORMAT`.
 */
export async function signBundle(content: BundleContent, key: SigningKey): Promise<string> {
  readBundleContent(content)
  return signJws(content, key, { type: BUNDLE_TYPE })
}

/** SHA-256 of the signed text, base64url: 43 characters. */
export function bundleDigest(signed: string): string {
  return createHash('sha256').update(signed).digest('base64url')
}
