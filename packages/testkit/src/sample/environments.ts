// What can be asked at all: an action by a type of principal on a type of resource; and which policies have a say there.

import { ancestorTypes, type Policy, type Schema, type SchemaDefinition, type Scope } from '@cardea/policy'

export interface Environment {
  readonly action: string
  readonly principal: string
  readonly resource: string
}

export function environmentsOf({ actions }: SchemaDefinition): readonly Environment[] {
  return Object.entries(actions).flatMap(([action, { principals, resources }]) =>
    principals.flatMap((principal) => resources.map((resource) => ({ action, principal, resource }))),
  )
}

/** Whether the policy's scope can hold there, by the schema of its side. */
export function concerns(policy: Policy, environment: Environment, schema: Schema): boolean {
  return (
    concernsAction(policy, environment.action, schema) &&
    canBe(policy.principal, environment.principal, schema.definition) &&
    canBe(policy.resource, environment.resource, schema.definition)
  )
}

function concernsAction({ action }: Policy, name: string, schema: Schema): boolean {
  if (action.kind === 'all') return true
  const uid = schema.action(name)?.uid
  if (uid === undefined) return false
  const is = (other: { readonly type: string; readonly id: string }): boolean =>
    other.type === uid.type && other.id === uid.id
  if (action.kind === 'equal') return is(action.entity)
  const groups = schema.actionEntities.get({ kind: 'entity', ...uid })?.ancestors
  return action.entities.some((entity) => is(entity) || groups?.get(entity.type)?.has(entity.id) === true)
}

function canBe(scope: Scope, type: string, { entities }: SchemaDefinition): boolean {
  switch (scope.kind) {
    case 'all':
      return true
    case 'is':
      return scope.type === type
    case 'equal':
      return scope.entity.kind === 'slot' || scope.entity.type === type
    case 'in':
      return (
        scope.entity.kind === 'slot' ||
        scope.entity.type === type ||
        ancestorTypes([type], entities).has(scope.entity.type)
      )
    default:
      return scope satisfies never
  }
}
