// Policies that name an entity in their scope, found by that entity: ten thousand per-team policies cost a request only as many
// look-ups as its principal has teams. Each policy stands in one place; the other side of its scope is tested.

import { UidMap, visitAncestors } from '../entity/entities.ts'
import type { Entity } from '../entity/entities.ts'
import type { EntityUid } from '../value/value.ts'
import { allOf } from './rule.ts'
import type { Rule, Test } from './rule.ts'
import { namedEntity, relationOf, remainingTests } from './scope.ts'
import type { Side } from './scope.ts'

/** A policy at one place of the index, with the test that the place leaves open. */
export interface Entry {
  readonly rule: Rule
  readonly test: Test | undefined
}

export interface KeyedIndex {
  readonly principalEqual: EntryMap
  readonly principalIn: EntryMap
  readonly resourceEqual: EntryMap
  readonly resourceIn: EntryMap
}

/** Entries by an entity; the types that occur are listed, so that ancestors of other types are never looked at. */
export interface EntryMap {
  readonly entries: UidMap<Entry[]>
  readonly types: readonly string[]
}

/** `before` is tested first: what the caller's own index does not answer. `undefined` when no rule names an entity. */
export function createKeyedIndex(
  rules: readonly Rule[],
  before: (rule: Rule) => Test | undefined,
): KeyedIndex | undefined {
  const maps = {
    principalEqual: new UidMap<Entry[]>(),
    principalIn: new UidMap<Entry[]>(),
    resourceEqual: new UidMap<Entry[]>(),
    resourceIn: new UidMap<Entry[]>(),
  }
  let isEmpty = true
  for (const rule of rules) {
    const place = placeOf(rule)
    if (place === undefined) continue
    isEmpty = false
    const { side, entity, relation } = place
    const map =
      side === 'principal' ? pick(maps.principalEqual, maps.principalIn) : pick(maps.resourceEqual, maps.resourceIn)
    const entry = { rule, test: allOf([before(rule), ...remainingTests(rule.policy, side), rule.test]) }
    const entries = map.get(entity)
    if (entries === undefined) map.set(entity, [entry])
    else entries.push(entry)

    function pick(equal: UidMap<Entry[]>, within: UidMap<Entry[]>): UidMap<Entry[]> {
      return relation === 'equal' ? equal : within
    }
  }
  if (isEmpty) return undefined
  return {
    principalEqual: finish(maps.principalEqual),
    principalIn: finish(maps.principalIn),
    resourceEqual: finish(maps.resourceEqual),
    resourceIn: finish(maps.resourceIn),
  }
}

/** Calls `visit` with every list of entries whose `in` names the entity itself or one of its ancestors. */
export function visitWithin(
  map: EntryMap,
  uid: EntityUid,
  entity: Entity | undefined,
  visit: (entries: readonly Entry[]) => void,
): void {
  const own = map.entries.get(uid)
  if (own !== undefined) visit(own)
  if (entity !== undefined) visitAncestors(map.entries, map.types, entity.ancestors, visit)
}

/** Equality finds fewest candidates, and a principal has fewer policies than a resource has. */
function placeOf({ policy }: Rule): { side: Side; entity: EntityUid; relation: 'equal' | 'in' } | undefined {
  const places = (['principal', 'resource'] as const).flatMap((side) => {
    const entity = namedEntity(policy[side])
    return entity === undefined ? [] : [{ side, entity, relation: relationOf(policy[side]) }]
  })
  return places.find(({ relation }) => relation === 'equal') ?? places[0]
}

function finish(entries: UidMap<Entry[]>): EntryMap {
  return { entries, types: [...entries.types()] }
}
