// A checkpoint of the audit: signed, kept, and told to every guard, so that nobody who has the database alone can take back what was recorded.

import { signCheckpoint } from '@cardea/feed'
import type { Parts } from '../../parts.ts'

/** Makes one if there are records that none vouches for. Errors: `ERR_AUTHORITY_SIGNER`. */
export async function makeCheckpoint({ store, keys, settings, now }: Parts): Promise<void> {
  const [{ head }, newest] = await store.read(
    async (view) => [await view.audit(), await view.newestCheckpoint()] as const,
  )
  if (head.count <= (newest?.count ?? 0)) return
  const { count, hash } = head
  const atSeconds = now()
  const signed = await signCheckpoint({ issuer: settings.issuer, count, hash, atSeconds }, keys.signer('audit'))
  await store.write(async (transaction) => {
    // another authority may have seen more of them
    const isNew = await transaction.insertCheckpoint({ count, hash, atSeconds, signed })
    if (isNew) await transaction.append({ kind: 'checkpoint', count, hash })
  })
}
