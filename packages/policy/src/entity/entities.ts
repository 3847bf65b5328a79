// The entities that a request can see. Ancestors are closed when entities are made, so that `in` is two look-ups.
// A missing entity is not an error here: `get` answers `undefined`, and each operator says what that means.

import { PolicyError } from '../errors.ts'
import { fieldMap } from '../value/record.ts'
import type { EntityUid, Value } from '../value/value.ts'
import { formatEntityUid } from './uid.ts'
import { UidMap } from './uid-map.ts'

export interface Entity {
  readonly uid: EntityUid
  readonly attributes: ReadonlyMap<string, Value>
  readonly ancestors: Ancestors
  readonly tags: ReadonlyMap<string, Value>
}

/** Every ancestor of an entity, by type and id: transitively closed, without the entity itself. */
export type Ancestors = ReadonlyMap<string, ReadonlySet<string>>

/** Where entities are found. `get` must be pure and must not throw. */
export interface Entities {
  get(uid: EntityUid): Entity | undefined
}

export interface EntityInput {
  readonly uid: EntityUid
  readonly attributes?: Fields
  /** Direct parents; more of the ancestors do no harm. */
  readonly parents?: readonly EntityUid[]
  readonly tags?: Fields
}

type Fields = Iterable<readonly [string, Value]> | { readonly [name: string]: Value }

export const NO_FIELDS: ReadonlyMap<string, Value> = new Map<string, Value>()
export const NO_ANCESTORS: Ancestors = new Map<string, ReadonlySet<string>>()
export const NO_ENTITIES: Entities = { get: () => undefined }

/**
 * Builds entities and closes their ancestors; parents need not be in the list.
 * Errors: `ERR_POLICY_ENTITY_DUPLICATE`, `ERR_POLICY_ENTITY_CYCLE`.
 */
export function createEntities(list: Iterable<EntityInput>): Entities {
  const inputs = new UidMap<EntityInput>()
  for (const input of list) {
    if (inputs.get(input.uid) !== undefined) {
      throw new PolicyError('ERR_POLICY_ENTITY_DUPLICATE', `entity \`${formatEntityUid(input.uid)}\` stands twice`)
    }
    inputs.set(input.uid, input)
  }
  const entities = new UidMap<Entity>()
  for (const input of inputs.values()) addWithAncestors(input, inputs, entities)
  return entities
}

/** Entities of `over` hide those of `under` with the same uid. */
export function layerEntities(over: Entities, under: Entities): Entities {
  return { get: (uid) => over.get(uid) ?? under.get(uid) }
}

/** Depth first with an explicit stack, as a hierarchy may be deeper than the call stack. */
function addWithAncestors(root: EntityInput, inputs: UidMap<EntityInput>, done: UidMap<Entity>): void {
  const open = new UidMap<true>()
  const stack: EntityInput[] = [root]
  for (let input = stack.at(-1); input !== undefined; input = stack.at(-1)) {
    if (done.get(input.uid) !== undefined) {
      stack.pop()
      continue
    }
    open.set(input.uid, true)
    const waiting = (input.parents ?? []).filter((uid) => done.get(uid) === undefined && inputs.get(uid) !== undefined)
    if (waiting.length === 0) {
      done.set(input.uid, entityOf(input, done))
      stack.pop()
      continue
    }
    for (const uid of waiting) {
      const parent = inputs.get(uid)
      if (parent === undefined) continue
      // opened and not done: on the way down to here; what merely waits on the stack was not opened yet
      if (open.get(uid) !== undefined) {
        throw new PolicyError('ERR_POLICY_ENTITY_CYCLE', `entity \`${formatEntityUid(uid)}\` is its own ancestor`)
      }
      stack.push(parent)
    }
  }
}

function entityOf(input: EntityInput, done: UidMap<Entity>): Entity {
  return {
    uid: input.uid,
    attributes: input.attributes === undefined ? NO_FIELDS : fieldMap(input.attributes),
    ancestors: closeAncestors(input.parents ?? [], done),
    tags: input.tags === undefined ? NO_FIELDS : fieldMap(input.tags),
  }
}

function closeAncestors(parents: readonly EntityUid[], done: UidMap<Entity>): Ancestors {
  if (parents.length === 0) return NO_ANCESTORS
  const ancestors = new Map<string, Set<string>>()
  const add = (type: string, id: string): void => {
    const ids = ancestors.get(type)
    if (ids === undefined) ancestors.set(type, new Set([id]))
    else ids.add(id)
  }
  for (const parent of parents) {
    add(parent.type, parent.id)
    for (const [type, ids] of done.get(parent)?.ancestors ?? NO_ANCESTORS) {
      for (const id of ids) add(type, id)
    }
  }
  return ancestors
}
