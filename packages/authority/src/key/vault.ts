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
import type { KeyPurpose, KeyRecord } from '../store/records.ts'
import type { Sealer } from './seal.ts'

export interface Vault {
  make(purpose: KeyPurpose, algorithm: SignatureAlgorithm): Promise<MadeKey>
  /** Errors: `ERR_AUTHORITY_KEY_SEALED`. */
  open(key: KeptKey): SigningKey
}

/** What is stored of a new key. */
export type MadeKey = Pick<KeyRecord, 'kid' | 'publicJwk' | 'sealed'>

type KeptKey = Pick<KeyRecord, 'kid' | 'purpose' | 'algorithm' | 'publicJwk' | 'sealed'>

export function createSealedVault(sealer: Sealer): Vault {
  return {
    async make(purpose, algorithm) {
      const key = await generateSigningKey(algorithm)
      const jwk = publicJwk(key)
      const { kid } = jwk
      const sealed = sealer.seal(JSON.stringify(exportSigningKey(key)), sealedAs({ kid, purpose }))
      return { kid, publicJwk: jwk, sealed }
    },
    open: (key) => importSigningKey(JSON.parse(sealer.open(key.sealed, sealedAs(key)))),
  }
}

function sealedAs({ kid, purpose }: Pick<KeyRecord, 'kid' | 'purpose'>): string {
  return `cardea key ${purpose} ${kid}`
}
