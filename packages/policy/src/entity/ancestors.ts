// The ancestors of an entity, closed: parents, their parents, and so on, without the entity itself. Few are walked; many are
// looked up through an index by type and id, made when first needed.

import { sameEntity } from './uid.ts'
import type { EntityUid } from '../value/value.ts'

/** Beyond this many an index pays. */
const SCAN_LIMIT = 8

export class Ancestors implements Iterable<readonly [string, ReadonlySet<string>]> {
  /** Each once. */
  readonly uids: readonly EntityUid[]
  #byType: Map<string, Set<string>> | undefined

  private constructor(uids: readonly EntityUid[]) {
    this.uids = uids
  }

  /** Duplicates fall away. */
  static of(uids: readonly EntityUid[]): Ancestors {
    if (uids.length === 0) return NO_ANCESTORS
    if (uids.length > SCAN_LIMIT) return Ancestors.#indexed(uids)
    const unique: EntityUid[] = []
    for (const uid of uids) if (!isAmong(unique, uid)) unique.push(uid)
    return new Ancestors(unique)
  }

  static #indexed(uids: readonly EntityUid[]): Ancestors {
    const byType = new Map<string, Set<string>>()
    const unique = uids.filter((uid) => add(byType, uid))
    const ancestors = new Ancestors(unique)
    ancestors.#byType = byType
    return ancestors
  }

  static readonly none: Ancestors = new Ancestors([])

  get size(): number {
    return this.uids.length
  }

  includes(uid: EntityUid): boolean {
    if (this.uids.length > SCAN_LIMIT) return this.get(uid.type)?.has(uid.id) === true
    return isAmong(this.uids, uid)
  }

  /** The ids of those of one type. */
  get(type: string): ReadonlySet<string> | undefined {
    return this.#index().get(type)
  }

  [Symbol.iterator](): Iterator<readonly [string, ReadonlySet<string>]> {
    return this.#index().entries()
  }

  #index(): Map<string, Set<string>> {
    if (this.#byType === undefined) {
      const byType = new Map<string, Set<string>>()
      for (const uid of this.uids) add(byType, uid)
      this.#byType = byType
    }
    return this.#byType
  }
}

export const NO_ANCESTORS: Ancestors = Ancestors.none

function isAmong(uids: readonly EntityUid[], wanted: EntityUid): boolean {
  for (const uid of uids) if (sameEntity(uid, wanted)) return true
  return false
}

/** True when it was not there. */
function add(byType: Map<string, Set<string>>, { type, id }: EntityUid): boolean {
  const ids = byType.get(type)
  if (ids === undefined) {
    byType.set(type, new Set([id]))
    return true
  }
  if (ids.has(id)) return false
  ids.add(id)
  return true
}
