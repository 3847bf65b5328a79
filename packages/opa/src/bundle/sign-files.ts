// `.signatures.json`: one JWS over the hashes of all other files, no more and no less, and over the scope that says what the bundle is
// for. OPA compares names, hashes and scope (v1/bundle/verify.go); it knows no age of a signature, so what ends says so in its data.

import { createHash } from 'node:crypto'
import { type SigningKey, signJws } from '@cardea/token'
import { OpaError } from '../errors.ts'
import type { OpaFile } from './bundle-files.ts'

/** The `typ` of the JWS. OPA does not look at it; our own readers take a bundle of OPA's for nothing else. */
const SIGNATURE_TYPE = 'cardea-opa-bundle+jws'

const SIGNATURES = '.signatures.json'

/** What a signature says, and its digest: equal for equal files, scope and key, whatever random number is in the signature. */
export interface SignedFiles {
  readonly file: OpaFile
  /** SHA-256, base64url. */
  readonly digest: string
}

/**
 * Signs files as `opaBundleFiles` makes them: their bytes are what OPA hashes.
 * Throws `ERR_OPA_BUNDLE_KEY` for an algorithm that OPA does not verify bundles by.
 */
export async function signOpaFiles(files: readonly OpaFile[], key: SigningKey, scope: string): Promise<SignedFiles> {
  if (!isOpaAlgorithm(key.algorithm)) {
    throw new OpaError('ERR_OPA_BUNDLE_KEY', undefined, { hint: 'sign bundles by ES256, RS256 or PS256' })
  }
  const payload = JSON.stringify({
    files: files.map(({ name, bytes }) => ({ name, hash: hex(bytes), algorithm: 'SHA-256' })),
    scope,
  })
  const signature = await signJws(Buffer.from(payload), key, { type: SIGNATURE_TYPE })
  return {
    file: { name: SIGNATURES, bytes: Buffer.from(JSON.stringify({ signatures: [signature] })) },
    digest: createHash('sha256').update(`${key.kid}\n${payload}`).digest('base64url'),
  }
}

/** OPA's list (v1/keys) has no EdDSA. */
export function isOpaAlgorithm(algorithm: string | undefined): boolean {
  return algorithm === 'ES256' || algorithm === 'RS256' || algorithm === 'PS256'
}

function hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
