// Scopes as tests. The index answers most of a scope before a policy is looked at; only what it did not answer is tested.

import type { EntityUid } from '../value/value.ts'
import { hasAncestor, isWithin } from '../operator/evaluation.ts'
import { sameEntity } from '../entity/uid.ts'
import type { ActionScope, Scope, SlotReference } from '../syntax/tree.ts'
import type { Test } from './test.ts'

/** A part of the scope that the index has already answered. */
export type Side = 'principal' | 'resource'

/** The entity that a scope names, if it is not a slot. */
export function namedEntity(scope: Scope): EntityUid | undefined {
  const entity = referenceOf(scope)
  return entity === undefined || isSlot(entity) ? undefined : entity
}

/** True when the scope has a slot. */
export function hasSlot(scope: Scope): boolean {
  const entity = referenceOf(scope)
  return entity !== undefined && isSlot(entity)
}

/** How an entity must stand to the one that the scope names. */
export function relationOf(scope: Scope): 'equal' | 'in' {
  return scope.kind === 'equal' ? 'equal' : 'in'
}

/** False when no entity of the type can satisfy the scope. */
export function admitsType(scope: Scope, type: string): boolean {
  return scope.kind !== 'is' || scope.type === type
}

/** The test of an entity that the scope names; `undefined` when it names none. */
export function entityTest(scope: Scope, side: Side): Test | undefined {
  const entity = namedEntity(scope)
  if (entity === undefined) return undefined
  if (relationOf(scope) === 'equal') {
    return side === 'principal'
      ? ({ principal }) => sameEntity(principal, entity)
      : ({ resource }) => sameEntity(resource, entity)
  }
  return side === 'principal'
    ? ({ principal, principalEntity }) => sameEntity(principal, entity) || hasAncestor(principalEntity, entity)
    : ({ resource, resourceEntity }) => sameEntity(resource, entity) || hasAncestor(resourceEntity, entity)
}

/** The test of the type that the scope names, for policies that are found by the entity they name. */
export function typeTest(scope: Scope, side: Side): Test | undefined {
  if (scope.kind !== 'is') return undefined
  const { type } = scope
  return side === 'principal' ? ({ principal }) => principal.type === type : ({ resource }) => resource.type === type
}

/** The test of `action in ...` where the action's groups are known only from the request's entities. */
export function actionTest(scope: ActionScope): Test | undefined {
  switch (scope.kind) {
    case 'all':
      return undefined
    case 'equal':
      return ({ action }) => sameEntity(action, scope.entity)
    case 'in':
      return (evaluation) => scope.entities.some((entity) => isWithin(evaluation, evaluation.action, entity))
    default:
      return scope satisfies never
  }
}

function referenceOf(scope: Scope): EntityUid | SlotReference | undefined {
  switch (scope.kind) {
    case 'all':
      return undefined
    case 'equal':
    case 'in':
      return scope.entity
    case 'is':
      return scope.in
    default:
      return scope satisfies never
  }
}

function isSlot(entity: EntityUid | SlotReference): entity is SlotReference {
  return entity.kind === 'slot'
}
