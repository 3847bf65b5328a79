// Policies that no index can narrow: their scope names no action, no type that requests differ in and no entity, so that they are looked
// at for every request. A few are as it should be (the rules that hold for everything); thousands make every decision slow.
// INVARIANT: the counterpart of `action-index.ts` and `keyed-index.ts`, and tested against them.

import type { ActionDefinition, ActionUid } from '../schema/definition.ts'
import type { Schema } from '../schema/schema.ts'
import type { ActionScope, Policy } from '../syntax/tree.ts'
import { admitsType, namedEntity } from './scope.ts'

/** Those of the policies that are looked at for every request that the schema takes, in order. Templates are found by their links. */
export function unnarrowedPolicies(policies: readonly Policy[], schema: Schema): readonly Policy[] {
  const actions = Object.values(schema.definition.actions).filter(({ resources }) => resources.length > 0)
  return policies.filter((policy) => isUnnarrowed(policy, actions, schema))
}

function isUnnarrowed(
  { principal, action, resource, slots }: Policy,
  actions: readonly ActionDefinition[],
  schema: Schema,
): boolean {
  if (slots.length > 0 || namedEntity(principal) !== undefined || namedEntity(resource) !== undefined) return false
  return actions.every(
    (each) =>
      concerns(action, each, schema) &&
      each.principals.every((type) => admitsType(principal, type)) &&
      each.resources.every((type) => admitsType(resource, type)),
  )
}

function concerns(scope: ActionScope, { uid }: ActionDefinition, schema: Schema): boolean {
  if (scope.kind === 'all') return true
  const entities = scope.kind === 'equal' ? [scope.entity] : scope.entities
  const groups = scope.kind === 'in' ? schema.actionEntities.get({ kind: 'entity', ...uid })?.ancestors : undefined
  return entities.some((entity) => sameUid(entity, uid) || groups?.includes(entity) === true)
}

function sameUid(one: ActionUid, other: ActionUid): boolean {
  return one.type === other.type && one.id === other.id
}
