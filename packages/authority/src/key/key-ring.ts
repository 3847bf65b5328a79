// The signing keys and their states: pending (distributed, not yet used), active, retiring (verifies only), retired,
// killed. INVARIANT: each purpose has one active and one pending key, so a rotation never signs with a key that no guard
// has seen, and a kill always has a successor.

import type { JsonWebKeySet, SignatureAlgorithm, SigningKey } from '@cardea/token'
import type { Position } from '@cardea/feed'
import { AuthorityError } from '../errors.ts'
import type { KeyPurpose, KeyRecord, KeyState } from '../store/records.ts'
import type { Store, StoreTransaction } from '../store/store.ts'
import type { Vault } from './vault.ts'

const PURPOSES: readonly KeyPurpose[] = ['access', 'bundle', 'audit']

export interface KeyRing {
  /** The key that signs now. */
  signer(purpose: KeyPurpose): SigningKey
  /** Public keys that verify now or soon: active, pending and retiring. */
  publicKeys(purpose: KeyPurpose): JsonWebKeySet
  /** The same of given records: for a consistent read. */
  verifying(records: readonly KeyRecord[], purpose: KeyPurpose): JsonWebKeySet
  /** Public keys that ever signed and were not killed: what they signed is kept. */
  everSigned(purpose: KeyPurpose): JsonWebKeySet
  list(): Promise<readonly KeyRecord[]>
  /** The pending key signs from now on; the active one verifies until the last token that it signed has expired. */
  rotate(purpose: KeyPurpose): Promise<KeyChange>
  /**
   * Rotates if the active key has signed for so long. Then the pending one was made as long ago, and every verifier has it. Of several authorities on
   * one database one rotates; after a standstill it is one rotation, however many were missed.
   */
  rotateDue(purpose: KeyPurpose, afterSeconds: number): Promise<KeyChange | undefined>
  /**
   * Refuses everything that the key ever signed, from now on. If it was the active one, the pending one takes its place.
   * Errors: `ERR_AUTHORITY_NOT_FOUND`, `ERR_AUTHORITY_KEY_STATE`.
   */
  kill(kid: string): Promise<KeyChange>
  /** Takes the keys that the store has: another authority may have changed them. Errors: `ERR_AUTHORITY_KEY_SEALED`. */
  refresh(): Promise<void>
  /** Hears after every change. */
  onChange(listener: () => void): void
}

export interface KeyChange {
  readonly position: Position
  readonly purpose: KeyPurpose
  readonly active: string
  readonly pending: string
  readonly retiring: readonly string[]
  /** Of a rotation: how long verifiers could know the key that signs now. One that keeps a key set for longer refuses its tokens until then. */
  readonly knownForSeconds?: number
}

export interface KeyRingParts {
  readonly store: Store
  readonly vault: Vault
  readonly algorithm: SignatureAlgorithm
  /** The longest life of anything signed: a retiring key verifies that long. */
  readonly longestSeconds: number
  readonly now: () => number
  /** See `Parts.latest`. */
  readonly latest: () => number
}

/** Opens the stored keys, and makes the first ones. Errors: `ERR_AUTHORITY_KEY_SEALED`. */
export async function createKeyRing(parts: KeyRingParts): Promise<KeyRing> {
  const { store, vault, now, latest, longestSeconds } = parts
  const listeners: (() => void)[] = []
  let records: readonly KeyRecord[] = []
  const signers = new Map<KeyPurpose, SigningKey>()

  const verifying = (among: readonly KeyRecord[], purpose: KeyPurpose): JsonWebKeySet => ({
    keys: among.filter((key) => key.purpose === purpose && verifies(key, now())).map((key) => key.publicJwk),
  })

  let loading: Promise<void> = Promise.resolve()
  /** One after the other: what was read first must not be taken last. */
  function load(): Promise<void> {
    loading = loading.catch(() => {}).then(readKeys)
    return loading
  }

  async function readKeys(): Promise<void> {
    const found = await store.read((view) => view.keys())
    if (JSON.stringify(found) === JSON.stringify(records)) return
    for (const purpose of PURPOSES) {
      const active = only(found, purpose, 'active')
      signers.set(purpose, vault.open(active))
    }
    records = found
    for (const listener of listeners) listener()
  }

  /** `undefined` when the work found nothing to do. */
  async function change<Done extends Position | undefined>(
    purpose: KeyPurpose,
    work: (step: ChangeStep) => Promise<Done>,
  ): Promise<KeyChange | Extract<Done, undefined>>
  async function change(
    purpose: KeyPurpose,
    work: (step: ChangeStep) => Promise<Position | undefined>,
  ): Promise<KeyChange | undefined> {
    const fresh = await generateKey(purpose, parts)
    const position = await store.write(async (transaction) =>
      work({ transaction, fresh, keys: (await transaction.keys()).filter((key) => key.purpose === purpose) }),
    )
    await load()
    return position && { position, purpose, ...summary(records, purpose) }
  }

  async function promote({ transaction, fresh, keys }: ChangeStep): Promise<Position> {
    const { purpose } = fresh
    await retireOld(transaction, keys, now())
    await transaction.setKeyState(only(keys, purpose, 'active').kid, 'retiring', latest() + longestSeconds)
    await transaction.setKeyState(only(keys, purpose, 'pending').kid, 'active')
    await transaction.insertKey(fresh)
    return transaction.append({ kind: 'keys' })
  }

  /** The pending key is made when the active one begins to sign. */
  const pendingSeconds = (keys: readonly KeyRecord[], purpose: KeyPurpose): number =>
    now() - only(keys, purpose, 'pending').createdAtSeconds

  await makeFirst(parts)
  await load()

  return {
    signer: (purpose) => {
      const key = signers.get(purpose)
      if (key === undefined) throw new AuthorityError('ERR_AUTHORITY_INTERNAL', `no ${purpose} key is active`)
      return key
    },
    publicKeys: (purpose) => verifying(records, purpose),
    everSigned: (purpose) => ({
      keys: records
        .filter((key) => key.purpose === purpose && key.state !== 'pending' && key.state !== 'killed')
        .map((key) => key.publicJwk),
    }),
    verifying,
    list: () => store.read((view) => view.keys()),
    refresh: load,

    async rotate(purpose) {
      let knownForSeconds = 0
      const done = await change(purpose, (step) => {
        knownForSeconds = pendingSeconds(step.keys, purpose)
        return promote(step)
      })
      return { ...done, knownForSeconds }
    },
    async rotateDue(purpose, afterSeconds) {
      if (pendingSeconds(records, purpose) < afterSeconds) return undefined
      // another authority may have been faster
      return change(purpose, async (step) =>
        pendingSeconds(step.keys, purpose) < afterSeconds ? undefined : promote(step),
      )
    },

    async kill(kid) {
      const victim = (await store.read((view) => view.keys())).find((key) => key.kid === kid)
      if (victim === undefined) throw new AuthorityError('ERR_AUTHORITY_NOT_FOUND', 'no key has that id')
      return change(victim.purpose, async ({ transaction, fresh, keys }) => {
        const state = keys.find((key) => key.kid === kid)?.state
        if (state !== 'active' && state !== 'pending' && state !== 'retiring') {
          throw new AuthorityError('ERR_AUTHORITY_KEY_STATE', `the key is ${state ?? 'gone'} already`)
        }
        await transaction.setKeyState(kid, 'killed')
        if (state === 'active') await transaction.setKeyState(only(keys, victim.purpose, 'pending').kid, 'active')
        if (state !== 'retiring') await transaction.insertKey(fresh)
        await transaction.append({ kind: 'keys' })
        return transaction.append({
          kind: 'revocation',
          key: { kind: 'key', kid },
          revokedAtSeconds: now(),
          expiresAtSeconds: latest() + longestSeconds,
        })
      })
    },
    onChange: (listener) => void listeners.push(listener),
  }
}

interface ChangeStep {
  readonly transaction: StoreTransaction
  readonly keys: readonly KeyRecord[]
  readonly fresh: KeyRecord
}

async function makeFirst(parts: KeyRingParts): Promise<void> {
  const existing = await parts.store.read((view) => view.keys())
  for (const purpose of PURPOSES) {
    const isThere = (keys: readonly KeyRecord[]): boolean => keys.some((key) => key.purpose === purpose)
    if (isThere(existing)) continue
    const active: KeyRecord = { ...(await generateKey(purpose, parts)), state: 'active' }
    const pending = await generateKey(purpose, parts)
    await parts.store.write(async (transaction) => {
      // of several authorities that start on an empty database one is first
      if (isThere(await transaction.keys())) return
      await transaction.insertKey(active)
      await transaction.insertKey(pending)
    })
  }
}

async function generateKey(purpose: KeyPurpose, { algorithm, vault, now }: KeyRingParts): Promise<KeyRecord> {
  const made = await vault.make(purpose, algorithm)
  return { ...made, purpose, algorithm, state: 'pending', createdAtSeconds: now(), retiresAtSeconds: undefined }
}

function verifies({ state, retiresAtSeconds }: KeyRecord, now: number): boolean {
  if (state === 'retiring') return retiresAtSeconds !== undefined && now < retiresAtSeconds
  return state === 'active' || state === 'pending'
}

async function retireOld(transaction: StoreTransaction, keys: readonly KeyRecord[], now: number): Promise<void> {
  for (const key of keys) {
    if (key.state === 'retiring' && !verifies(key, now)) await transaction.setKeyState(key.kid, 'retired')
  }
}

function only(keys: readonly KeyRecord[], purpose: KeyPurpose, state: KeyState): KeyRecord {
  const key = keys.find((candidate) => candidate.purpose === purpose && candidate.state === state)
  if (key === undefined) throw new AuthorityError('ERR_AUTHORITY_INTERNAL', `no ${purpose} key is ${state}`)
  return key
}

function summary(keys: readonly KeyRecord[], purpose: KeyPurpose): Pick<KeyChange, 'active' | 'pending' | 'retiring'> {
  const retiring = keys.filter((key) => key.purpose === purpose && key.state === 'retiring')
  return {
    active: only(keys, purpose, 'active').kid,
    pending: only(keys, purpose, 'pending').kid,
    retiring: retiring.map(({ kid }) => kid),
  }
}
