// What forms read from. Nothing that was encoded is believed: every index, count, span and depth is tested where it is read,
// and what is wrong is a `PolicyError` with a code and the place.

import { MAXIMUM_DEPTH } from '../check/depth.ts'
import { entityUid, isTypeName } from '../entity/uid.ts'
import { type PolicyErrorCode, PolicyError } from '../errors.ts'
import type { Slot, SlotReference, Span } from '../syntax/tree.ts'
import type { EntityUid } from '../value/value.ts'
import type { EncodedProgram, EncodedSource } from './encoded-program.ts'
import { SLOT_CODES } from './writer.ts'

export interface Reader {
  /** True behind the last integer. */
  readonly ended: boolean
  integer(): number
  /** An integer from zero to below the limit: an index, or one of so many kinds. */
  below(limit: number): number
  /** How many things follow, each of at least one integer. */
  count(): number
  /** So many things as the next integer says. */
  list<T>(read: (reader: Reader) => T): readonly T[]
  text(): string
  /** The name of an entity type. */
  type(): string
  entity(): EntityUid
  /** An entity, or this slot. */
  reference(slot: Slot): EntityUid | SlotReference
  /** Opens a policy: the spans that follow are of this file. */
  file(): void
  span(): Span
  nested<T>(read: () => T): T
  /** Throws what says that the integer before is wrong. */
  fail(reason: string, code?: PolicyErrorCode): never
}

/** Most policies have no condition and most no slot: ten thousand need not have ten thousand empty lists. */
const NOTHING: readonly never[] = Object.freeze([])

/** Error, also of every method: `ERR_POLICY_ENCODING` and its kin. */
export function createReader(encoded: Omit<EncodedProgram, 'version'>, sources: readonly EncodedSource[]): Reader {
  const { policies: integers, texts } = encoded
  let at = 0
  let source: EncodedSource = { file: '', text: '' }
  let lastStart = 0
  let depth = 0
  const reader: Reader = {
    get ended() {
      return at === integers.length
    },
    integer,
    below,
    count,
    list(read) {
      const length = count()
      if (length === 0) return NOTHING
      const items = []
      for (let left = length; left > 0; left--) items.push(read(reader))
      return items
    },
    text: () => entryOf(texts, below(texts.length)),
    type: () => typeName(entryOf(texts, below(texts.length))),
    entity: () => entryOf(uids, below(uids.length)),
    reference(slot) {
      const value = integer()
      if (value >= 0) {
        at -= 1
        return reader.entity()
      }
      return value === SLOT_CODES[slot] ? { kind: 'slot', slot } : fail('another slot')
    },
    file() {
      source = entryOf(sources, below(sources.length))
    },
    span() {
      const start = lastStart + integer()
      const end = start + integer()
      if (start < 0 || end < start || end > source.text.length) {
        fail('a span outside of its text', 'ERR_POLICY_ENCODING_SPAN')
      }
      lastStart = start
      return { file: source.file, start, end }
    },
    nested(read) {
      depth += 1
      if (depth > MAXIMUM_DEPTH) fail(`more than ${MAXIMUM_DEPTH} levels`, 'ERR_POLICY_ENCODING_DEPTH')
      const result = read()
      depth -= 1
      return result
    },
    fail,
  }
  const uids = readEntities()
  return reader

  function integer(): number {
    const value = integers[at]
    if (value === undefined) return fail('an early end')
    at += 1
    return value
  }

  function below(limit: number): number {
    const value = integer()
    return value >= 0 && value < limit ? value : fail(`${value} where less than ${limit} is expected`)
  }

  function count(): number {
    return below(integers.length - at)
  }

  /** The table is read once, so that a type is tested once and an entity is one object. */
  function readEntities(): readonly EntityUid[] {
    const { entities } = encoded
    if (entities.length % 2 !== 0) fail('an entity without an id')
    const uids: EntityUid[] = []
    for (let index = 0; index < entities.length; index += 2) {
      const type = texts[entities[index] ?? -1]
      const id = texts[entities[index + 1] ?? -1]
      if (type === undefined || id === undefined) return fail(`entity ${index / 2} outside of the texts`)
      uids.push(entityUid(typeName(type), id))
    }
    return uids
  }

  function typeName(text: string): string {
    return isTypeName(text) ? text : fail('an entity type that is no name')
  }

  function entryOf<T>(items: readonly T[], index: number): T {
    return items[index] ?? fail('an index beyond its table')
  }

  function fail(reason: string, code: PolicyErrorCode = 'ERR_POLICY_ENCODING'): never {
    throw new PolicyError(code, `the encoded policies have ${reason}, before integer ${at}`)
  }
}
