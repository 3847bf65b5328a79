// RFC 7523 section 3: an assertion counts once, whichever authority on the store is shown it, and also after a restart.

import { createHash } from 'node:crypto'
import type { StoreTransaction } from '../store/store.ts'

/** It is remembered beyond its end, should the clock be set back. */
const MARGIN_SECONDS = 3600

export interface AssertionUse {
  /** What it is shown for: one text that is good for both is two uses. */
  readonly purpose: 'client' | 'assertion'
  readonly issuer: string
  readonly jti: string
  readonly expiresAtSeconds: number
}

/** False when it was used before. The store keeps a digest. */
export function useAssertionOnce(use: AssertionUse, transaction: StoreTransaction): Promise<boolean> {
  const { purpose, issuer, jti, expiresAtSeconds } = use
  const name = createHash('sha256')
    .update(JSON.stringify([purpose, issuer, jti]))
    .digest('base64url')
  return transaction.useAssertion(name, expiresAtSeconds + MARGIN_SECONDS)
}
