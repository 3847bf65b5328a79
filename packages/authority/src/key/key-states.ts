// What the states of the keys of one purpose ask for at a moment. Pure: it is asked once from memory and again in the transaction.

import type { KeyPurpose, KeyRecord, KeyState } from '../store/records.ts'
import { DISTRIBUTION_SECONDS } from './key-times.ts'

export interface Schedule {
  readonly now: number
  /** 0 for never. */
  readonly rotateSeconds: number
  /** Whether the configuration asks for such a key now. */
  readonly fits: (record: KeyRecord) => boolean
  /** The configuration may have changed since the pending key was made. */
  readonly atStart: boolean
}

export type Step = 'fill' | 'replace' | 'rotate'

/**
 * A rotation waits until every verifier has the pending key, and is one, however many were missed. A key that the configuration no longer
 * asks for is replaced while it is pending, and rotated out as soon as its successor may sign.
 */
export function nextStep(keys: readonly KeyRecord[], purpose: KeyPurpose, schedule: Schedule): Step | undefined {
  const { now, rotateSeconds, fits, atStart } = schedule
  const active = find(keys, purpose, 'active')
  const pending = find(keys, purpose, 'pending')
  if (active === undefined || pending === undefined) return 'fill'
  // two authorities that are configured differently, during an upgrade, must not replace each other's keys without end
  if (!fits(pending)) return atStart || !isYoung(pending, now) ? 'replace' : undefined
  if (rotateSeconds === 0 || isYoung(pending, now)) return undefined
  // the pending key is made when the active one begins to sign
  return !fits(active) || knownForSeconds(pending, now) >= rotateSeconds ? 'rotate' : undefined
}

/** Somebody may still look at a key set without it. */
export function isYoung(key: KeyRecord, now: number): boolean {
  return knownForSeconds(key, now) < DISTRIBUTION_SECONDS
}

export function knownForSeconds({ createdAtSeconds }: KeyRecord, now: number): number {
  return now - createdAtSeconds
}

export function verifies({ state, retiresAtSeconds }: KeyRecord, now: number): boolean {
  if (state === 'retiring') return retiresAtSeconds !== undefined && now < retiresAtSeconds
  return state === 'active' || state === 'pending'
}

export function find(keys: readonly KeyRecord[], purpose: KeyPurpose, state: KeyState): KeyRecord | undefined {
  return keys.find((candidate) => candidate.purpose === purpose && candidate.state === state)
}
