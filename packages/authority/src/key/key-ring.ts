// The signing keys and their states: pending (distributed, not yet used), active, retiring (verifies only), retired,
// killed. INVARIANT: each purpose has one active and one pending key, so a rotation never signs with a key that no guard
// has seen, and a kill has a successor. Only while a signer outside is away can one be missing; it is made as soon as it is back.

import type { JsonWebKeySet, SigningKey } from '@cardea/token'
import type { Position } from '@cardea/feed'
import { AuthorityError } from '../errors.ts'
import type { KeyPurpose, KeyRecord } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import { type ChangeStep, fill, killOne, promote, replacePending, requireKnown } from './key-changes.ts'
import { find, knownForSeconds, nextStep, type Schedule, type Step, verifies } from './key-states.ts'
import type { Vault } from './vault.ts'

const PURPOSES: readonly KeyPurpose[] = ['access', 'bundle', 'audit']
/** Of one purpose at a time: what signs may be missing, and what will sign; or one is replaced and then due. */
const MOST_STEPS = 3

export interface KeyRing {
  /** The key that signs now. Errors: `ERR_AUTHORITY_SIGNER` when there is none. */
  signer(purpose: KeyPurpose): SigningKey
  /** Public keys that verify now or soon: active, pending and retiring. */
  publicKeys(purpose: KeyPurpose): JsonWebKeySet
  /** The same of given records: for a consistent read. */
  verifying(records: readonly KeyRecord[], purpose: KeyPurpose): JsonWebKeySet
  /** Public keys that ever signed and were not killed: what they signed is kept. */
  everSigned(purpose: KeyPurpose): JsonWebKeySet
  list(): Promise<readonly KeyRecord[]>
  /** Whether it is known here that the key was rotated out or killed. */
  isOutgoing(kid: string): boolean
  /**
   * The pending key signs from now on; the active one verifies until the last token that it signed has expired. With `now` even if some
   * verifier may not have the pending key yet. Errors: `ERR_AUTHORITY_KEY_YOUNG`, `ERR_AUTHORITY_SIGNER`, `ERR_AUTHORITY_KEY_STATE`.
   */
  rotate(purpose: KeyPurpose, options?: { readonly now?: boolean }): Promise<KeyChange>
  /**
   * Refuses everything that the key ever signed, from now on. If it was the active one, the pending one takes its place; where none is
   * pending, `outage` says that nothing may be signed for a while.
   * Errors: `ERR_AUTHORITY_NOT_FOUND`, `ERR_AUTHORITY_KEY_STATE`, `ERR_AUTHORITY_KEY_OUTAGE`.
   */
  kill(kid: string, options?: { readonly outage?: boolean }): Promise<KeyChange>
  /**
   * What is due without being asked for: a key that is missing, a pending one that the configuration no longer asks for, a rotation. Of
   * several authorities on one database one does it. Answers the rotations. Errors: `ERR_AUTHORITY_SIGNER`.
   */
  maintain(): Promise<readonly KeyChange[]>
  /** Seals what is sealed under an earlier encryption key anew; answers how many keys that were. Errors: `ERR_AUTHORITY_KEY_SEALED`. */
  reseal(): Promise<number>
  /** Takes the keys that the store has: another authority may have changed them. Errors: `ERR_AUTHORITY_KEY_SEALED`. */
  refresh(): Promise<void>
  /** Hears after every change. */
  onChange(listener: () => void): void
}

export interface KeyChange {
  readonly position: Position
  readonly purpose: KeyPurpose
  /** `undefined` after a kill without a successor. */
  readonly active: string | undefined
  readonly pending: string | undefined
  readonly retiring: readonly string[]
  /** How long verifiers could know the key that signs now. One that keeps a key set for longer refuses its tokens until then. */
  readonly knownForSeconds: number
}

export interface KeyRingParts {
  readonly store: Store
  readonly vault: Vault
  /** How often the key of access tokens changes by the clock; 0 for never. Guards pin the keys of bundles, so the others change by hand. */
  readonly rotateSeconds: number
  /** The longest life of anything signed: a retiring key verifies that long, and as long as a key set is cached. */
  readonly longestSeconds: number
  readonly now: () => number
  /** See `Parts.latest`. */
  readonly latest: () => number
  /** Hears why a key could not be made, where it is made later. */
  readonly failed: (error: unknown) => void
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
    const opened = PURPOSES.flatMap((purpose) => {
      const [active, pending] = [find(found, purpose, 'active'), find(found, purpose, 'pending')]
      // found out now, and not when it has to sign
      if (pending !== undefined) vault.open(pending)
      return active === undefined ? [] : [[purpose, vault.open(active)] as const]
    })
    signers.clear()
    for (const [purpose, key] of opened) signers.set(purpose, key)
    records = found
    for (const listener of listeners) listener()
  }

  async function make(purpose: KeyPurpose): Promise<KeyRecord> {
    const made = await vault.make(purpose)
    return { ...made, purpose, state: 'pending', createdAtSeconds: now(), retiresAtSeconds: undefined }
  }

  /** One transaction; `undefined` when the work found nothing to do. */
  async function change<Done extends Position | undefined>(
    purpose: KeyPurpose,
    fresh: KeyRecord | undefined,
    work: (step: ChangeStep) => Promise<Done>,
  ): Promise<KeyChange | Extract<Done, undefined>>
  async function change(
    purpose: KeyPurpose,
    fresh: KeyRecord | undefined,
    work: (step: ChangeStep) => Promise<Position | undefined>,
  ): Promise<KeyChange | undefined> {
    const position = await store.write(async (transaction) => {
      const keys = (await transaction.keys()).filter((key) => key.purpose === purpose)
      const lastEndSeconds = latest() + longestSeconds
      return work({ transaction, purpose, keys, fresh, now: now(), lastEndSeconds })
    })
    await load()
    return position && { position, purpose, ...summary(records, purpose, now()) }
  }

  const schedule = (purpose: KeyPurpose, atStart: boolean): Schedule => ({
    now: now(),
    rotateSeconds: purpose === 'access' ? parts.rotateSeconds : 0,
    fits: (key) => vault.fits(key),
    atStart,
  })

  async function maintain(atStart: boolean): Promise<KeyChange[]> {
    await load()
    const rotations: KeyChange[] = []
    for (const purpose of PURPOSES) {
      for (let n = 0; n < MOST_STEPS; n += 1) {
        const isDue = (keys: readonly KeyRecord[]): Step | undefined =>
          nextStep(keys, purpose, schedule(purpose, atStart && n === 0))
        if (isDue(records) === undefined) break
        let due: Step | undefined
        const changed = await change(purpose, await make(purpose), async (step) => {
          // another authority may have been faster
          due = isDue(step.keys)
          return due === undefined ? undefined : STEPS[due](step)
        })
        if (changed !== undefined && due === 'rotate') rotations.push(changed)
      }
    }
    return rotations
  }

  await maintain(true).catch((error: unknown) => {
    // everything else goes on while the signer is away
    if (!(error instanceof AuthorityError) || error.code !== 'ERR_AUTHORITY_SIGNER') throw error
    parts.failed(error)
  })

  return {
    signer: (purpose) => {
      const key = signers.get(purpose)
      if (key === undefined) throw new AuthorityError('ERR_AUTHORITY_SIGNER', `no ${purpose} key is active`)
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
    isOutgoing: (kid) => records.some((key) => key.kid === kid && key.state !== 'active' && key.state !== 'pending'),
    refresh: load,
    maintain: () => maintain(false),
    onChange: (listener) => void listeners.push(listener),

    async rotate(purpose, { now: isEarly = false } = {}) {
      // only the keys of access tokens are fetched and kept; those of bundles are pinned
      return change(purpose, await make(purpose), (step) => promote(step, isEarly || purpose !== 'access'))
    },
    async kill(kid, { outage = false } = {}) {
      const { purpose } = requireKnown(kid, await store.read((view) => view.keys()))
      // a signer that is away does not keep a leaked key alive
      const fresh = await make(purpose).catch(parts.failed)
      return change(purpose, fresh ?? undefined, (step) => killOne(kid, step, outage))
    },
    reseal: () =>
      store.write(async (transaction) => {
        let count = 0
        for (const key of await transaction.keys()) {
          const sealed = vault.reseal(key)
          if (sealed === undefined) continue
          await transaction.resealKey(key.kid, sealed)
          count += 1
        }
        return count
      }),
  }
}

const STEPS: { readonly [Name in Step]: (step: ChangeStep) => Promise<Position> } = {
  fill,
  replace: replacePending,
  rotate: (step) => promote(step, false),
}

function summary(
  keys: readonly KeyRecord[],
  purpose: KeyPurpose,
  now: number,
): Omit<KeyChange, 'position' | 'purpose'> {
  const active = find(keys, purpose, 'active')
  return {
    active: active?.kid,
    pending: find(keys, purpose, 'pending')?.kid,
    retiring: keys.filter((key) => key.purpose === purpose && key.state === 'retiring').map(({ kid }) => kid),
    knownForSeconds: active === undefined ? 0 : knownForSeconds(active, now),
  }
}
