// A key set that is at hand and can be replaced while it runs, as the feed does at every rotation.

import type { JsonWebKeySet } from '../key/json-web-key.ts'
import type { VerificationKey } from '../key/verification-key.ts'
import type { KeySource } from './key-source.ts'
import { isSameIndex, readKeySet } from './key-set.ts'

export interface LocalKeys extends KeySource {
  key(kid: string): VerificationKey | undefined
  /** All or nothing: a set with one bad key is refused whole (`ERR_TOKEN_KEY_...`), and the present one stays. */
  replace(jwks: JsonWebKeySet): void
}

/**
 * Strict: a symmetric key, a private member, a `kid` that is missing or stands twice, a weak key, a key with another use or
 * of an unsupported kind refuse the whole set, each with its code. The empty set is allowed and verifies nothing.
 */
export function createLocalKeys(jwks: JsonWebKeySet): LocalKeys {
  let index = readKeySet(jwks, { unusable: 'refuse' })
  let generation = 1
  return {
    get generation() {
      return generation
    },
    key(kid) {
      return index.get(kid)
    },
    replace(next) {
      const replacement = readKeySet(next, { unusable: 'refuse', previous: index })
      if (isSameIndex(index, replacement)) return
      index = replacement
      generation += 1
    },
  }
}
