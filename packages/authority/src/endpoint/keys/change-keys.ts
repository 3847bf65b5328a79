// Changing keys, with what follows from it: what the old key signed and everybody still needs is signed again.

import type { KeyChange } from '../../key/key-ring.ts'
import type { Parts } from '../../parts.ts'
import type { KeyPurpose } from '../../store/records.ts'

/** The pending key signs from now on; a present bundle too, since the old key will not be distributed for ever. */
export async function rotateKey(purpose: KeyPurpose, { keys, publisher }: Parts): Promise<KeyChange> {
  return signAgain(await keys.rotate(purpose), publisher)
}

/** What the key signed counts for nothing from now on. Errors: those of `KeyRing.kill`. */
export async function killKey(kid: string, { keys, publisher }: Parts): Promise<KeyChange> {
  return signAgain(await keys.kill(kid), publisher)
}

async function signAgain(change: KeyChange, publisher: Parts['publisher']): Promise<KeyChange> {
  if (change.purpose !== 'bundle') return change
  return { ...change, position: (await publisher.republish()) ?? change.position }
}
