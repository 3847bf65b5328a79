// The state of one evaluation: the request with its two entities already found. Closures read it and nothing else.

import { NO_ENTITIES, NO_FIELDS } from '../entity/entities.ts'
import type { Entities, Entity } from '../entity/entities.ts'
import { entityUid, sameEntity } from '../entity/uid.ts'
import type { EntityUid, Value } from '../value/value.ts'

export interface Evaluation {
  readonly principal: EntityUid
  readonly action: EntityUid
  readonly resource: EntityUid
  readonly context: ReadonlyMap<string, Value>
  readonly principalEntity: Entity | undefined
  readonly resourceEntity: Entity | undefined
  readonly entities: Entities
  /** The schema's action hierarchy. */
  readonly actions: Entities
}

/** In the place of what is not known. No entity is called that. */
export const NOBODY: EntityUid = entityUid('', '')

/** For what needs no request: constants. */
export const NO_REQUEST: Evaluation = {
  principal: NOBODY,
  action: NOBODY,
  resource: NOBODY,
  context: NO_FIELDS,
  principalEntity: undefined,
  resourceEntity: undefined,
  entities: NO_ENTITIES,
  actions: NO_ENTITIES,
}

/** The entity of a reference that is not simply the principal or the resource. */
export function findEntity(evaluation: Evaluation, uid: EntityUid): Entity | undefined {
  const found = evaluation.entities.get(uid)
  if (found !== undefined) return found
  if (sameEntity(uid, evaluation.resource)) return evaluation.resourceEntity
  return sameEntity(uid, evaluation.principal) ? evaluation.principalEntity : evaluation.actions.get(uid)
}

/** Cedar's `in` for two references: the same, or an ancestor. A missing entity has no ancestors. */
export function isWithin(evaluation: Evaluation, uid: EntityUid, ancestor: EntityUid): boolean {
  return sameEntity(uid, ancestor) || hasAncestor(findEntity(evaluation, uid), ancestor)
}

export function hasAncestor(entity: Entity | undefined, ancestor: EntityUid): boolean {
  return entity !== undefined && entity.ancestors.includes(ancestor)
}
