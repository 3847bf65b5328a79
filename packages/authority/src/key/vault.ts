// Where private keys are. Sealed in the database by default: whoever has the database alone has no key. Or with a signer outside, which
// makes them and never gives them away; then the database holds how it calls them.

import {
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  publicJwk,
  type SignatureAlgorithm,
  type SigningKey,
} from '@cardea/token'
import { AuthorityError } from '../errors.ts'
import type { KeyPurpose, KeyRecord } from '../store/records.ts'
import type { Sealer } from './seal.ts'

export interface Vault {
  /** Errors: `ERR_AUTHORITY_SIGNER`. */
  make(purpose: KeyPurpose): Promise<MadeKey>
  /** Errors: `ERR_AUTHORITY_KEY_SEALED`. */
  open(key: KeptKey): SigningKey
  /** Whether it is such a key as this vault makes now: of the configured algorithm, and held here. */
  fits(key: KeptKey): boolean
  /**
   * The key under the present encryption key; `undefined` for one that is already, or that is not sealed. One that does not open and never
   * signs again is left. Errors: `ERR_AUTHORITY_KEY_SEALED`.
   */
  reseal(key: KeptKey & Pick<KeyRecord, 'state'>): string | undefined
}

/** What is stored of a new key. */
export type MadeKey = Pick<KeyRecord, 'kid' | 'algorithm' | 'publicJwk' | 'sealed'>

export type KeptKey = Pick<KeyRecord, 'kid' | 'purpose' | 'algorithm' | 'publicJwk' | 'sealed'>

export type Algorithms = { readonly [Purpose in KeyPurpose]: SignatureAlgorithm }

/** What stands before the name that a signer outside gave, where a sealed key has its ciphertext. */
export const SIGNER_MARK = 'signer:'

export function createSealedVault(sealer: Sealer, algorithms: Algorithms): Vault {
  return {
    async make(purpose) {
      const algorithm = algorithms[purpose]
      const key = await generateSigningKey(algorithm)
      const jwk = publicJwk(key)
      const { kid } = jwk
      const sealed = sealer.seal(JSON.stringify(exportSigningKey(key)), sealedAs({ kid, purpose }))
      return { kid, algorithm, publicJwk: jwk, sealed }
    },
    open: (key) => importSigningKey(JSON.parse(sealer.open(key.sealed, sealedAs(key)))),
    fits: ({ purpose, algorithm, sealed }) => algorithm === algorithms[purpose] && !sealed.startsWith(SIGNER_MARK),
    reseal(key) {
      if (key.sealed.startsWith(SIGNER_MARK) || sealer.isCurrent(key.sealed, sealedAs(key))) return undefined
      try {
        return sealer.seal(sealer.open(key.sealed, sealedAs(key)), sealedAs(key))
      } catch (error) {
        const signs = key.state === 'active' || key.state === 'pending'
        if (signs || !(error instanceof AuthorityError)) throw error
        return undefined
      }
    },
  }
}

function sealedAs({ kid, purpose }: Pick<KeyRecord, 'kid' | 'purpose'>): string {
  return `cardea key ${purpose} ${kid}`
}
