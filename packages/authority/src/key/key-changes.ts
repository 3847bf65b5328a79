// The changes of keys, each within one transaction: rotation, kill, and what makes up for a key that is missing or no longer wanted.

import type { Position } from '@cardea/feed'
import { AuthorityError } from '../errors.ts'
import type { KeyPurpose, KeyRecord } from '../store/records.ts'
import type { StoreTransaction } from '../store/store.ts'
import { find, isYoung, verifies } from './key-states.ts'
import { DISTRIBUTION_SECONDS } from './key-times.ts'

export interface ChangeStep {
  readonly transaction: StoreTransaction
  readonly purpose: KeyPurpose
  /** The keys of the purpose. */
  readonly keys: readonly KeyRecord[]
  /** Made for this change; `undefined` when none could be made. */
  readonly fresh: KeyRecord | undefined
  readonly now: number
  /** When the last token that was signed until now has ended. */
  readonly lastEndSeconds: number
}

/**
 * A rotation: the pending key signs, and another is distributed.
 * Errors: `ERR_AUTHORITY_KEY_YOUNG` unless `early`, `ERR_AUTHORITY_KEY_STATE` when none is pending.
 */
export async function promote(step: ChangeStep, early: boolean): Promise<Position> {
  const { transaction, purpose, keys, now } = step
  const active = find(keys, purpose, 'active')
  const pending = find(keys, purpose, 'pending')
  if (pending === undefined) throw new AuthorityError('ERR_AUTHORITY_KEY_STATE', 'no key is pending yet')
  if (!early && isYoung(pending, now)) throw young(pending)
  for (const key of keys) {
    if (key.state === 'retiring' && !verifies(key, now)) await transaction.setKeyState(key.kid, 'retired')
  }
  if (active !== undefined) {
    // another authority signs with it until it hears of this
    await transaction.setKeyState(active.kid, 'retiring', step.lastEndSeconds + DISTRIBUTION_SECONDS)
  }
  await transaction.setKeyState(pending.kid, 'active')
  await transaction.insertKey(required(step.fresh))
  return transaction.append({ kind: 'keys' })
}

/** Errors: `ERR_AUTHORITY_NOT_FOUND`, `ERR_AUTHORITY_KEY_STATE`, `ERR_AUTHORITY_KEY_OUTAGE`. */
export async function killOne(kid: string, step: ChangeStep, outage: boolean): Promise<Position> {
  const { transaction, purpose, keys, fresh, now } = step
  const { state } = requireKnown(kid, keys)
  if (state !== 'active' && state !== 'pending' && state !== 'retiring') {
    throw new AuthorityError('ERR_AUTHORITY_KEY_STATE', `the key is ${state} already`)
  }
  const pending = find(keys, purpose, 'pending')
  if (state === 'active' && pending === undefined && !outage) {
    throw new AuthorityError('ERR_AUTHORITY_KEY_OUTAGE', undefined, {
      hint: 'say `outage` (`--outage`) to kill it all the same: nothing is signed until there is a new key, which verifiers have to fetch',
    })
  }
  await transaction.setKeyState(kid, 'killed')
  if (state === 'active' && pending !== undefined) await transaction.setKeyState(pending.kid, 'active')
  if (state !== 'retiring' && fresh !== undefined) {
    const hasNone = state === 'active' && pending === undefined
    await transaction.insertKey(hasNone ? { ...fresh, state: 'active' } : fresh)
  }
  await transaction.append({ kind: 'keys' })
  return transaction.append({
    kind: 'revocation',
    key: { kind: 'key', kid },
    revokedAtSeconds: now,
    expiresAtSeconds: step.lastEndSeconds,
  })
}

/** The one key that is missed most: what signs, then what will sign. */
export async function fill({ transaction, purpose, keys, fresh }: ChangeStep): Promise<Position> {
  const pending = find(keys, purpose, 'pending')
  if (find(keys, purpose, 'active') !== undefined) await transaction.insertKey(required(fresh))
  else if (pending === undefined) await transaction.insertKey({ ...required(fresh), state: 'active' })
  else await transaction.setKeyState(pending.kid, 'active')
  return transaction.append({ kind: 'keys' })
}

/** It has signed nothing, so nobody misses it. */
export async function replacePending({ transaction, purpose, keys, fresh }: ChangeStep): Promise<Position> {
  await transaction.setKeyState(required(find(keys, purpose, 'pending')).kid, 'retired')
  await transaction.insertKey(required(fresh))
  return transaction.append({ kind: 'keys' })
}

/** Errors: `ERR_AUTHORITY_NOT_FOUND`. */
export function requireKnown(kid: string, keys: readonly KeyRecord[]): KeyRecord {
  const known = keys.find((key) => key.kid === kid)
  if (known === undefined) throw new AuthorityError('ERR_AUTHORITY_NOT_FOUND', 'no key has that id')
  return known
}

function required(key: KeyRecord | undefined): KeyRecord {
  if (key === undefined) throw new AuthorityError('ERR_AUTHORITY_INTERNAL', 'no key was made')
  return key
}

function young({ createdAtSeconds }: KeyRecord): AuthorityError {
  const at = new Date((createdAtSeconds + DISTRIBUTION_SECONDS) * 1000).toISOString()
  return new AuthorityError('ERR_AUTHORITY_KEY_YOUNG', `the pending key may sign from ${at} on`, {
    hint: 'wait, or say `now` (`--now`): some verifiers then refuse new tokens until they fetch the key set again',
  })
}
