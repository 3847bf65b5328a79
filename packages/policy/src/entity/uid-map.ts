// A map keyed by entity references, without building a text of type and id; and the search for what is kept under an entity or its
// ancestors, which is how scopes and grants are found.

import { internName } from '../value/intern.ts'
import type { EntityUid } from '../value/value.ts'
import type { Ancestors } from './ancestors.ts'

/** One id is rarely that of several types: those that share it are a chain. */
interface Node<T> {
  readonly type: string
  value: T
  next: Node<T> | undefined
}

export class UidMap<T> {
  readonly #byId = new Map<string, Node<T>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get(uid: EntityUid): T | undefined {
    let node = this.#byId.get(uid.id)
    while (node !== undefined && node.type !== uid.type) node = node.next
    return node?.value
  }

  set({ type, id }: EntityUid, value: T): void {
    const first = this.#byId.get(id)
    let node = first
    while (node !== undefined && node.type !== type) node = node.next
    if (node !== undefined) node.value = value
    else {
      const added = { type: internName(type), value, next: undefined }
      this.#size += 1
      if (first === undefined) this.#byId.set(id, added)
      else this.#byId.set(id, { ...added, next: first })
    }
  }

  *values(): Generator<T, undefined> {
    for (const [, value] of this.entries()) yield value
  }

  /** All values of one type. */
  *ofType(type: string): Generator<T, undefined> {
    for (const [uid, value] of this.entries()) if (uid.type === type) yield value
  }

  /**
   * What is kept under any of the ancestors. Walks the smaller of the two, so that neither a principal in a thousand teams nor a
   * thousand policies for teams is slow.
   */
  amongAncestors(ancestors: Ancestors): readonly T[] {
    if (this.#size === 0) return NONE
    let found: T[] | undefined
    if (ancestors.size > this.#size) {
      for (const [uid, value] of this.entries()) if (ancestors.includes(uid)) found = append(found, value)
    } else {
      for (const uid of ancestors.uids) {
        const value = this.get(uid)
        if (value !== undefined) found = append(found, value)
      }
    }
    return found ?? NONE
  }

  *entries(): Generator<[EntityUid, T], undefined> {
    for (const [id, first] of this.#byId) {
      for (let node: Node<T> | undefined = first; node !== undefined; node = node.next) {
        yield [{ kind: 'entity', type: node.type, id }, node.value]
      }
    }
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
