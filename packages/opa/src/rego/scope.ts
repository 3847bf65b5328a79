// The scope of a policy as statements that all must hold. Rego's index finds rules by the first of them: the action, and the
// entity that a scope names.

import type { ActionScope, EntityUid, Schema, Scope, SlotReference } from '@cardea/policy'
import { entityTerm, setTerm, textTerm } from './term.ts'

/** What fills the slots of a template: terms. */
export interface Slots {
  readonly principal?: string | undefined
  readonly resource?: string | undefined
}

/**
 * The statements of an action's scope; `undefined` when no action of the schema is in it. Without a schema the groups of actions are
 * those that the request's entities say.
 */
export function actionStatements(scope: ActionScope, schema: Schema | undefined): readonly string[] | undefined {
  switch (scope.kind) {
    case 'all':
      return []
    case 'equal':
      return [`input.action == ${entityTerm(scope.entity)}`]
    case 'in':
      if (schema === undefined) return [`cedar.within(input.action, ${setTerm(scope.entities.map(entityTerm))})`]
      return actionsIn(scope.entities, schema)
    default:
      return scope satisfies never
  }
}

/** The statements of the principal's or the resource's scope. */
export function entityStatements(scope: Scope, side: 'principal' | 'resource', slots: Slots): readonly string[] {
  const variable = `input.${side}`
  const term = (entity: EntityUid | SlotReference): string =>
    entity.kind === 'slot' ? (slots[entity.slot] ?? 'cedar.error') : entityTerm(entity)
  switch (scope.kind) {
    case 'all':
      return []
    case 'equal':
      return [`${variable} == ${term(scope.entity)}`]
    case 'in':
      return [withinTerm(term(scope.entity), side)]
    case 'is': {
      const isOfType = `${variable}[0] == ${textTerm(scope.type)}`
      return scope.in === undefined ? [isOfType] : [isOfType, withinTerm(term(scope.in), side)]
    }
    default:
      return scope satisfies never
  }
}

/** Whether the principal or the resource is an entity, or stands below it. */
export function withinTerm(entity: string, side: 'principal' | 'resource'): string {
  return `${entity} in input.lineage.${side}`
}

function actionsIn(entities: readonly EntityUid[], schema: Schema): readonly string[] | undefined {
  const names = new Set(
    Object.values(schema.definition.actions)
      .map(({ uid }): EntityUid => ({ kind: 'entity', ...uid }))
      .filter((action) => entities.some((entity) => isIn(action, entity, schema)))
      .map(entityTerm),
  )
  const [only, ...others] = [...names].toSorted()
  if (only === undefined) return undefined
  return [others.length === 0 ? `input.action == ${only}` : `input.action in ${setTerm([only, ...others])}`]
}

function isIn(action: EntityUid, entity: EntityUid, schema: Schema): boolean {
  if (action.type === entity.type && action.id === entity.id) return true
  return schema.actionEntities.get(action)?.ancestors.includes(entity) ?? false
}
