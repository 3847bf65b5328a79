// Changing keys, with what follows from it: what the old key signed and everybody still needs is signed again.

import { AuthorityError } from '../../errors.ts'
import type { KeyChange } from '../../key/key-ring.ts'
import type { Parts } from '../../parts.ts'
import type { KeyPurpose } from '../../store/records.ts'

/**
 * The pending key signs from now on; a present bundle too, since the old key will not be distributed for ever.
 * Errors: those of `KeyRing.rotate`.
 */
export async function rotateKey(
  purpose: KeyPurpose,
  options: { readonly now?: boolean },
  { keys, publisher }: Parts,
): Promise<KeyChange> {
  return signAgain(await keys.rotate(purpose, options), publisher)
}

/** What the key signed counts for nothing from now on. Errors: those of `KeyRing.kill`. */
export async function killKey(
  kid: string,
  options: { readonly outage?: boolean },
  { keys, publisher }: Parts,
): Promise<KeyChange> {
  return signAgain(await keys.kill(kid, options), publisher)
}

async function signAgain(change: KeyChange, publisher: Parts['publisher']): Promise<KeyChange> {
  if (change.purpose !== 'bundle') return change
  try {
    return { ...change, position: (await publisher.republish()) ?? change.position }
  } catch (error) {
    // the key is changed all the same; housekeeping signs as soon as it can
    if (error instanceof AuthorityError && error.code === 'ERR_AUTHORITY_SIGNER') return change
    throw error
  }
}
