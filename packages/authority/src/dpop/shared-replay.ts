// Which DPoP proofs were used (RFC 9449 section 11.1), in the database: a proof counts once over all authorities on it, and also after a
// restart. The store keeps a digest.

import type { ReplayStore } from '@cardea/token'
import { createHash } from 'node:crypto'
import type { Store, StoreTransaction } from '../store/store.ts'

/** A proof is taken for 60 s and 10 s ahead; it is remembered longer, as clocks of authorities differ and are set. */
const REMEMBERED_SECONDS = 600

export interface SharedReplayParts {
  readonly store: Store
  /** See `Parts.latest`. */
  readonly latest: () => number
}

/** `add` throws what the store throws: nothing is taken for new that is not known to be. */
export function createSharedReplay({ store, latest }: SharedReplayParts): ReplayStore {
  return {
    add: (key) => store.write((transaction) => useProofOnce(key, latest(), transaction)),
  }
}

/** True once for a proof, `key` as a `ReplayStore` has it. In a transaction that does more, the proof is used exactly if that is done. */
export function useProofOnce(key: string, latest: number, transaction: StoreTransaction): Promise<boolean> {
  const name = createHash('sha256')
    .update(JSON.stringify(['dpop', key]))
    .digest('base64url')
  return transaction.useAssertion(name, latest + REMEMBERED_SECONDS)
}
