// A map keyed by entity references, without building a text of type and id; and the search for what is kept under an entity or its
// ancestors, which is how scopes and grants are found.

import { internName } from '../value/intern.ts'
import type { EntityUid } from '../value/value.ts'
import type { Ancestors } from './entities.ts'

export class UidMap<T> {
  readonly #byType = new Map<string, Map<string, T>>()
  /** The same as an array, which is cheaper to walk. */
  readonly #types: { readonly type: string; readonly byId: Map<string, T> }[] = []

  get(uid: EntityUid): T | undefined {
    return this.#types.length === 0 ? undefined : this.#byType.get(uid.type)?.get(uid.id)
  }

  set(uid: EntityUid, value: T): void {
    let byId = this.#byType.get(uid.type)
    if (byId === undefined) {
      const type = internName(uid.type)
      byId = new Map()
      this.#byType.set(type, byId)
      this.#types.push({ type, byId })
    }
    byId.set(uid.id, value)
  }

  *values(): Generator<T, undefined> {
    for (const byId of this.#byType.values()) yield* byId.values()
  }

  /** All values of one type by id. */
  ofType(type: string): ReadonlyMap<string, T> | undefined {
    return this.#byType.get(type)
  }

  /**
   * What is kept under any of the ancestors. Walks the smaller of the two for each type, so that neither a principal in a
   * thousand teams nor a thousand policies for teams is slow.
   */
  amongAncestors(ancestors: Ancestors): readonly T[] {
    let found: T[] | undefined
    for (const { type, byId } of this.#types) {
      const ids = ancestors.get(type)
      if (ids === undefined) continue
      if (ids.size <= byId.size) {
        for (const id of ids) {
          const value = byId.get(id)
          if (value !== undefined) found = append(found, value)
        }
      } else {
        for (const [id, value] of byId) {
          if (ids.has(id)) found = append(found, value)
        }
      }
    }
    return found ?? NONE
  }
}

/** Adds to the list kept under the reference. */
export function addTo<T>(map: UidMap<T[]>, uid: EntityUid, value: T): void {
  const values = map.get(uid)
  if (values === undefined) map.set(uid, [value])
  else values.push(value)
}

const NONE: readonly never[] = Object.freeze([])

function append<T>(found: T[] | undefined, value: T): T[] {
  if (found === undefined) return [value]
  found.push(value)
  return found
}
