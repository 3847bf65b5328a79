// A token that names its grants is issued only if they are kept where guards find them, until it has expired: in the
// transaction that read them, before anything is signed.

import type { Store, StoreTransaction, StoreView } from '../../store/store.ts'
import type { Assembled } from './issue.ts'

/** Does nothing for a token that holds its grants. */
export async function keepGrantSet({ grantSet }: Assembled, transaction: StoreTransaction): Promise<void> {
  if (grantSet !== undefined) await transaction.keepGrantSet(grantSet)
}

/**
 * For a token of which nothing else is written: `assemble` reads, as most tokens need no more. When its grants must be kept, all is read
 * again in the transaction that keeps them, which may come to another end.
 */
export async function assembleKept(
  store: Store,
  assemble: (view: StoreView) => Promise<Assembled>,
): Promise<Assembled> {
  const assembled = await store.read(assemble)
  if (assembled.grantSet === undefined) return assembled
  return store.write(async (transaction) => {
    const again = await assemble(transaction)
    await keepGrantSet(again, transaction)
    return again
  })
}
