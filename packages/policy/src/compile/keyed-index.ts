// Policies that name an entity in their scope, found by that entity: ten thousand per-team policies cost a request only as many
// look-ups as its principal has teams. Each policy stands in one place. Those that name a principal are gathered once for each
// caller, and again by the resource that they name.

import { addTo, UidMap } from '../entity/uid-map.ts'
import type { Entity } from '../entity/entities.ts'
import type { EntityUid } from '../value/value.ts'
import { Entry, placeOf, placeOn } from './entry.ts'
import type { Rule } from './rule.ts'
import type { Test } from './test.ts'

export interface KeyedIndex {
  readonly principalEqual: UidMap<Entry[]>
  readonly principalIn: UidMap<Entry[]>
  readonly resourceEqual: UidMap<Entry[]>
  readonly resourceIn: UidMap<Entry[]>
}

/** `before` is tested first: what the caller's own index does not answer. `undefined` when no rule names an entity. */
export function createKeyedIndex(
  rules: readonly Rule[],
  before: (rule: Rule) => Test | undefined,
): KeyedIndex | undefined {
  const index: KeyedIndex = {
    principalEqual: new UidMap(),
    principalIn: new UidMap(),
    resourceEqual: new UidMap(),
    resourceIn: new UidMap(),
  }
  let isEmpty = true
  for (const rule of rules) {
    const place = placeOf(rule)
    if (place === undefined) continue
    isEmpty = false
    const { side, entity, relation } = place
    // what names a principal is found by its resource too, if it names one
    const answered =
      side === 'principal' ? ({ principal: true, resource: true } as const) : ({ resource: true } as const)
    addTo(index[relation === 'equal' ? EQUAL[side] : WITHIN[side]], entity, new Entry(rule, answered, before(rule)))
  }
  return isEmpty ? undefined : index
}

const EQUAL = { principal: 'principalEqual', resource: 'resourceEqual' } as const
const WITHIN = { principal: 'principalIn', resource: 'resourceIn' } as const

/** What names one principal or a group that it is in. */
export interface CallersEntries {
  /** Those that name no resource. */
  readonly always: readonly Entry[]
  /** Those that name the resource itself. */
  readonly resourceEqual: UidMap<Entry[]>
  /** Those that name the resource or an ancestor. */
  readonly resourceIn: UidMap<Entry[]>
}

export function callersEntries(
  indexes: readonly KeyedIndex[],
  principal: EntityUid,
  entity: Entity | undefined,
): CallersEntries {
  const always: Entry[] = []
  const resourceEqual = new UidMap<Entry[]>()
  const resourceIn = new UidMap<Entry[]>()
  for (const { principalEqual, principalIn } of indexes) {
    const lists = [principalEqual.get(principal) ?? [], principalIn.get(principal) ?? []]
    if (entity !== undefined) lists.push(...principalIn.amongAncestors(entity.ancestors))
    for (const entry of lists.flat()) {
      const place = placeOn('resource', entry.rule.policy.resource)
      if (place === undefined) always.push(entry)
      else addTo(place.relation === 'equal' ? resourceEqual : resourceIn, place.entity, entry)
    }
  }
  return { always, resourceEqual, resourceIn }
}
