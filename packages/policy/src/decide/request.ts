// What is asked, and how an evaluation of it begins.

import type { Links } from '../compile/links.ts'
import type { Program } from '../compile/program.ts'
import type { Entities, Entity } from '../entity/entities.ts'
import { sameEntity } from '../entity/uid.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import type { EntityUid, Value } from '../value/value.ts'

export interface Request {
  readonly principal: EntityUid
  readonly action: EntityUid
  readonly resource: EntityUid
  readonly context: ReadonlyMap<string, Value>
  readonly entities: Entities
  /** The principal's entity, when the caller holds it already; found in `entities` otherwise. */
  readonly principalEntity?: Entity | undefined
  /** The same for the resource. */
  readonly resourceEntity?: Entity | undefined
  /** The caller's grants. */
  readonly links?: Links | undefined
  /** Unix seconds. Links with an end do not count without it. */
  readonly nowSeconds?: number | undefined
}

export function beginEvaluation(
  { index }: { readonly index: Pick<Program['index'], 'actions'> },
  request: Request,
): Evaluation {
  const { principal, action, resource, context, entities } = request
  const resourceEntity = request.resourceEntity ?? entities.get(resource)
  return {
    principal,
    action,
    resource,
    context,
    principalEntity:
      request.principalEntity ??
      entities.get(principal) ??
      (sameEntity(principal, resource) ? resourceEntity : undefined),
    resourceEntity,
    entities,
    actions: index.actions,
  }
}
