// A map keyed by entity references, without building a text of type and id; and the search for what is kept under an entity or its
// ancestors, which is how scopes and grants are found.

import { internName } from '../value/intern.ts'
import type { EntityUid } from '../value/value.ts'
import type { Ancestors } from './ancestors.ts'

export class UidMap<T> {
  /** Mostly one or two types: walking them is cheaper than a map of maps. */
  readonly #types: { readonly type: string; readonly byId: Map<string, T> }[] = []
  #byType: Map<string, Map<string, T>> | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  get({ type, id }: EntityUid): T | undefined {
    if (this.#byType !== undefined) return this.#byType.get(type)?.get(id)
    const types = this.#types
    for (let at = 0; at < types.length; at += 1) {
      const own = types[at]
      if (own !== undefined && own.type === type) return own.byId.get(id)
    }
    return undefined
  }

  set({ type, id }: EntityUid, value: T): void {
    let byId = this.ofType(type)
    if (byId === undefined) {
      byId = new Map()
      this.#types.push({ type: internName(type), byId })
      if (this.#types.length > SCAN_LIMIT) this.#byType = new Map(this.#types.map((own) => [own.type, own.byId]))
    }
    this.#size += byId.has(id) ? 0 : 1
    byId.set(id, value)
  }

  *values(): Generator<T, undefined> {
    for (const { byId } of this.#types) yield* byId.values()
  }

  /** All values of one type by id. */
  ofType(type: string): Map<string, T> | undefined {
    return this.#byType === undefined ? this.#types.find((own) => own.type === type)?.byId : this.#byType.get(type)
  }

  /**
   * What is kept under any of the ancestors. Walks the smaller of the two, so that neither a principal in a thousand teams nor a
   * thousand policies for teams is slow.
   */
  amongAncestors(ancestors: Ancestors): readonly T[] {
    if (this.#size === 0 || ancestors.size === 0) return NONE
    return ancestors.size <= this.#size ? this.#ofAncestors(ancestors) : this.#throughOwn(ancestors)
  }

  #ofAncestors({ uids }: Ancestors): readonly T[] {
    let found: T[] | undefined
    for (const uid of uids) {
      const value = this.get(uid)
      if (value !== undefined) found = append(found, value)
    }
    return found ?? NONE
  }

  #throughOwn(ancestors: Ancestors): readonly T[] {
    let found: T[] | undefined
    for (const { type, byId } of this.#types) {
      const ids = ancestors.get(type)
      if (ids === undefined) continue
      for (const [id, value] of byId) if (ids.has(id)) found = append(found, value)
    }
    return found ?? NONE
  }
}

const SCAN_LIMIT = 4

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
