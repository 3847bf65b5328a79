// A key set (RFC 7517 section 5) as an index by `kid`. Strict about what is dangerous in any set; about keys that are
// merely not for us (encryption, other curves) the caller chooses.

import { TokenError, type TokenErrorCode } from '../errors.ts'
import { readVerificationKey, type VerificationKey } from '../key/verification-key.ts'

export type KeyIndex = ReadonlyMap<string, VerificationKey>

export interface KeySetOptions {
  /** `refuse` for our own sets; `skip` for an identity provider's, which may publish encryption keys beside the others. */
  readonly unusable: 'refuse' | 'skip'
  /** Keys that stay keep the object that they have here. */
  readonly previous?: KeyIndex
}

const MAX_KEYS = 100

/** The `ERR_TOKEN_KEY_...` codes of one key, and `ERR_TOKEN_KEY_SET`, `ERR_TOKEN_KEY_DUPLICATE`. */
export function readKeySet(jwks: unknown, options: KeySetOptions): KeyIndex {
  const keys = typeof jwks === 'object' && jwks !== null ? (jwks as { readonly keys?: unknown }).keys : undefined
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) throw new TokenError('ERR_TOKEN_KEY_SET')
  const index = new Map<string, VerificationKey>()
  for (const jwk of keys) {
    const key = readOne(jwk, options)
    if (key === undefined) continue
    if (index.has(key.kid)) throw new TokenError('ERR_TOKEN_KEY_DUPLICATE')
    const known = options.previous?.get(key.kid)
    index.set(key.kid, known !== undefined && isSameKey(known, key) ? known : key)
  }
  return index
}

/** Whether two indexes hold the very same key objects. */
export function isSameIndex(a: KeyIndex, b: KeyIndex): boolean {
  return a.size === b.size && [...a].every(([kid, key]) => b.get(kid) === key)
}

/**
 * What RFC 7517 section 5 says to ignore: one odd key must not take all others with it, and is never used. A private or symmetric
 * key in a public set is another matter: somebody's secret is out.
 */
const MERELY_UNUSABLE: ReadonlySet<TokenErrorCode> = new Set([
  'ERR_TOKEN_KEY_USE',
  'ERR_TOKEN_KEY_UNSUPPORTED',
  'ERR_TOKEN_KEY_ID',
  'ERR_TOKEN_KEY_FORM',
  'ERR_TOKEN_KEY_WEAK',
])

function readOne(jwk: unknown, options: KeySetOptions): VerificationKey | undefined {
  try {
    return readVerificationKey(jwk)
  } catch (thrown) {
    if (options.unusable === 'skip' && thrown instanceof TokenError && MERELY_UNUSABLE.has(thrown.code))
      return undefined
    throw thrown
  }
}

function isSameKey(a: VerificationKey, b: VerificationKey): boolean {
  return a.kid === b.kid && a.algorithm === b.algorithm && a.thumbprint === b.thumbprint
}
