// What forms write to: integers one after the other, with texts and entities kept in tables, each once.

import { PolicyError } from '../errors.ts'
import { MAXIMUM_DEPTH } from '../check/depth.ts'
import type { Slot, SlotReference, Span } from '../syntax/tree.ts'
import type { EntityUid } from '../value/value.ts'
import { ENCODING_VERSION, type EncodedProgram } from './encoded-program.ts'

export interface Writer {
  integer(value: number): void
  text(text: string): void
  entity(uid: EntityUid): void
  /** An entity, or a slot as a negative number. */
  reference(reference: EntityUid | SlotReference): void
  /** Opens a policy: its spans are of this file, which is the `index`th. */
  file(file: string, index: number): void
  /** The start as the distance from the span before, and the length. */
  span(span: Span): void
  /** What `write` writes is one level deeper. Error: `ERR_POLICY_ENCODING_DEPTH`. */
  nested(write: () => void): void
  finish(): EncodedProgram
}

/** Entities count from zero, so these are none. */
export const SLOT_CODES: { readonly [S in Slot]: number } = { principal: -1, resource: -2 }

export function createWriter(): Writer {
  const policies: number[] = []
  const texts = new Map<string, number>()
  const entities: number[] = []
  const indexes = new Map<string, Map<string, number>>()
  let current = ''
  let lastStart = 0
  let depth = 0
  const writer: Writer = {
    integer: (value) => void policies.push(value),
    text: (text) => void policies.push(indexOf(text)),
    entity: (uid) => void policies.push(indexOfEntity(uid)),
    reference(reference) {
      policies.push(reference.kind === 'slot' ? SLOT_CODES[reference.slot] : indexOfEntity(reference))
    },
    file(file, index) {
      current = file
      policies.push(index)
    },
    span({ file, start, end }) {
      if (file !== current) throw new TypeError(`a policy of \`${current}\` has a part of \`${file}\``)
      policies.push(start - lastStart, end - start)
      lastStart = start
    },
    nested(write) {
      depth += 1
      if (depth > MAXIMUM_DEPTH) {
        throw new PolicyError('ERR_POLICY_ENCODING_DEPTH', `an expression is nested deeper than ${MAXIMUM_DEPTH}`)
      }
      write()
      depth -= 1
    },
    finish: () => ({ version: ENCODING_VERSION, texts: [...texts.keys()], entities, policies }),
  }
  return writer

  function indexOf(text: string): number {
    const known = texts.get(text)
    if (known !== undefined) return known
    texts.set(text, texts.size)
    return texts.size - 1
  }

  function indexOfEntity({ type, id }: EntityUid): number {
    let ids = indexes.get(type)
    if (ids === undefined) indexes.set(type, (ids = new Map()))
    const known = ids.get(id)
    if (known !== undefined) return known
    const index = entities.length / 2
    ids.set(id, index)
    entities.push(indexOf(type), indexOf(id))
    return index
  }
}
