// A checked schema with its indexes. Everything that is asked per request is precomputed here, once.

import type { Entities } from '../entity/entities.ts'
import { createEntities } from '../entity/entities.ts'
import { PolicyError } from '../errors.ts'
import type { EntityUid } from '../value/value.ts'
import { actionName } from './action-name.ts'
import { checkDefinition } from './check-definition.ts'
import type { ActionDefinition, ActionUid, EntityTypeDefinition, SchemaDefinition } from './definition.ts'

export interface Schema {
  readonly definition: SchemaDefinition
  /** By name (`view`, `Docs::view`) or by reference. */
  action(action: string | ActionUid): ActionDefinition | undefined
  entityType(name: string): EntityTypeDefinition | undefined
  /** Every action with all groups it is in, also through other groups. */
  readonly actionEntities: Entities
}

/**
 * Checks a definition and indexes it.
 * Error: `ERR_POLICY_SCHEMA` with all problems: types that do not exist, actions under a wrong name, groups in a circle.
 */
export function createSchema(definition: SchemaDefinition): Schema {
  const problems = checkDefinition(definition)
  if (problems.length > 0) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
    throw new PolicyError('ERR_POLICY_SCHEMA', `the schema has ${count}`, { problems })
  }
  const types = new Map(Object.entries(definition.entities))
  const actions = new Map(Object.entries(definition.actions))
  return Object.freeze({
    definition,
    action(action: string | ActionUid): ActionDefinition | undefined {
      if (typeof action === 'string') return actions.get(action)
      const found = actions.get(actionName(action))
      // `Action::"Docs::view"` and `Docs::Action::"view"` have one name
      return found?.uid.type === action.type && found.uid.id === action.id ? found : undefined
    },
    entityType: (name: string) => types.get(name),
    actionEntities: actionEntitiesOf(definition),
  })
}

function actionEntitiesOf({ actions }: SchemaDefinition): Entities {
  return createEntities(
    Object.values(actions).map(({ uid, memberOf }) => ({ uid: reference(uid), parents: memberOf.map(reference) })),
  )
}

function reference({ type, id }: ActionUid): EntityUid {
  return { kind: 'entity', type, id }
}
