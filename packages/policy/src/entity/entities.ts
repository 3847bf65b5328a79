// The entities that a request can see. Ancestors are closed when entities are made, so that `in` is one look-up.
// A missing entity is not an error here: `get` answers `undefined`, and each operator says what that means.

import { PolicyError } from '../errors.ts'
import { Fields } from '../value/fields.ts'
import { fieldMap } from '../value/record.ts'
import type { EntityUid, Value } from '../value/value.ts'
import { Ancestors } from './ancestors.ts'
import { formatEntityUid } from './uid.ts'
import { UidMap } from './uid-map.ts'

export interface Entity {
  readonly uid: EntityUid
  readonly attributes: ReadonlyMap<string, Value>
  readonly ancestors: Ancestors
  readonly tags: ReadonlyMap<string, Value>
}

/** Where entities are found. `get` must be pure and must not throw. */
export interface Entities {
  get(uid: EntityUid): Entity | undefined
}

export interface EntityInput {
  readonly uid: EntityUid
  readonly attributes?: FieldsInput
  /** Direct parents; more of the ancestors do no harm. */
  readonly parents?: readonly EntityUid[]
  readonly tags?: FieldsInput
}

type FieldsInput = Iterable<readonly [string, Value]> | { readonly [name: string]: Value }

/** Pairs of an entity and an ancestor that one set of entities may have: what closing a hierarchy costs. */
const MOST_ANCESTOR_PAIRS = 4_000_000

export const NO_FIELDS: ReadonlyMap<string, Value> = Fields.from([])
export const NO_ENTITIES: Entities = { get: () => undefined }

/** One entity whose ancestors are known: `parents` are all of them. */
export function createEntity({ uid, attributes, parents, tags }: EntityInput): Entity {
  return {
    uid,
    attributes: attributes === undefined ? NO_FIELDS : fieldMap(attributes),
    ancestors: Ancestors.of(parents ?? []),
    tags: tags === undefined ? NO_FIELDS : fieldMap(tags),
  }
}

/**
 * Builds entities and closes their ancestors; parents need not be in the list.
 * Errors: `ERR_POLICY_ENTITY_DUPLICATE`, `ERR_POLICY_ENTITY_CYCLE`, `ERR_POLICY_ENTITY_LIMIT`.
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
  let pairs = 0
  for (const input of inputs.values()) {
    addWithAncestors(input, inputs, entities, (entity) => {
      pairs += entity.ancestors.size
      if (pairs <= MOST_ANCESTOR_PAIRS) return
      throw new PolicyError('ERR_POLICY_ENTITY_LIMIT', `the entities have more than ${MOST_ANCESTOR_PAIRS} ancestors`)
    })
  }
  return entities
}

/** Entities of `over` hide those of `under` with the same uid. */
export function layerEntities(over: Entities, under: Entities): Entities {
  return { get: (uid) => over.get(uid) ?? under.get(uid) }
}

/** Depth first with an explicit stack, as a hierarchy may be deeper than the call stack. */
function addWithAncestors(
  root: EntityInput,
  inputs: UidMap<EntityInput>,
  done: UidMap<Entity>,
  count: (entity: Entity) => void,
): void {
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
      const entity = createEntity({ ...input, parents: closeParents(input.parents ?? [], done) })
      count(entity)
      done.set(input.uid, entity)
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

function closeParents(parents: readonly EntityUid[], done: UidMap<Entity>): readonly EntityUid[] {
  const further = parents.flatMap((parent) => done.get(parent)?.ancestors.uids ?? [])
  return further.length === 0 ? parents : [...parents, ...further]
}
