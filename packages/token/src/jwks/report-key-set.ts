// What a key set at an address is good for: fetched once and read as a verifier reads it, for tools that look at a configuration.

import { readKeySet } from './key-set.ts'
import { checkFetchUrl, fetchJson } from './fetch-json.ts'
import type { SignatureAlgorithm } from '../jws/algorithm.ts'

export interface KeySetReport {
  /** The keys that a verifier would use. */
  readonly keys: readonly { readonly kid: string; readonly algorithm: SignatureAlgorithm }[]
  /** Keys that it would pass over: for encryption, of other kinds, without a name. */
  readonly unusable: number
}

export interface ReportKeySetOptions {
  readonly fetch?: typeof globalThis.fetch
  /** Default 5000. */
  readonly timeoutMilliseconds?: number
}

/** Throws `ERR_TOKEN_KEYS_URL`, `ERR_TOKEN_KEYS_FETCH`, `ERR_TOKEN_JSON...` and the `ERR_TOKEN_KEY_...` codes that refuse a whole set. */
export async function reportKeySet(url: string, options: ReportKeySetOptions = {}): Promise<KeySetReport> {
  const { fetch = globalThis.fetch, timeoutMilliseconds = 5000 } = options
  const jwks = await fetchJson(checkFetchUrl(url), { fetch, timeoutMilliseconds, maxBytes: 262_144 })
  const index = readKeySet(jwks, { unusable: 'skip' })
  const all = typeof jwks === 'object' && jwks !== null && 'keys' in jwks ? jwks['keys'] : undefined
  return {
    keys: [...index.values()].map(({ kid, algorithm }) => ({ kid, algorithm })),
    unusable: (Array.isArray(all) ? all.length : 0) - index.size,
  }
}
