// Policies that name an entity in their scope, found by that entity: ten thousand per-team policies cost a request only as many
// look-ups as its principal has teams. Each policy stands in one place; the other side of its scope is tested.

import { addTo, UidMap } from '../entity/uid-map.ts'
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
    const test = allOf([before(rule), ...remainingTests(rule.policy, side), rule.test])
    addTo(index[relation === 'equal' ? EQUAL[side] : WITHIN[side]], entity, { rule, test })
  }
  return isEmpty ? undefined : index
}

const EQUAL = { principal: 'principalEqual', resource: 'resourceEqual' } as const
const WITHIN = { principal: 'principalIn', resource: 'resourceIn' } as const

/** Equality finds fewest candidates, and a principal has fewer policies than a resource has. */
function placeOf({ policy }: Rule): { side: Side; entity: EntityUid; relation: 'equal' | 'in' } | undefined {
  const places = (['principal', 'resource'] as const).flatMap((side) => {
    const entity = namedEntity(policy[side])
    return entity === undefined ? [] : [{ side, entity, relation: relationOf(policy[side]) }]
  })
  return places.find(({ relation }) => relation === 'equal') ?? places[0]
}
