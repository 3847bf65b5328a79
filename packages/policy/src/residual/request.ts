// A request of which a part is unknown, and what fills it.

import type { Request } from '../decide/request.ts'
import type { VariableName } from '../syntax/tree.ts'
import type { EntityUid } from '../value/value.ts'

/** An entity of which at most the type is known. */
export interface UnknownEntity {
  readonly kind: 'unknown'
  readonly type?: string
}

/**
 * A request with unknown parts: the resource (a list), the principal (who can?), the action (which buttons?), the context, or any of them.
 *
 * `entities` are complete but for entities of the unknown types: one of another type that is not there does not exist, and actions
 * with their groups are always there (with a schema, they are the schema's). A principal or a resource that is known stands with
 * its entity, or has none.
 */
export interface PartialRequest extends Omit<Request, 'principal' | 'action' | 'resource'> {
  readonly principal: EntityUid | UnknownEntity
  readonly action: EntityUid | UnknownEntity
  readonly resource: EntityUid | UnknownEntity
  /** Names that `context` may turn out to have with any value, or without one. `'others'`: all names that it does not have. */
  readonly unknownContext?: readonly string[] | 'others'
  /**
   * With a schema: true when every request that is filled in passes `checkRequest`, its principal and resource are there, and every
   * entity passes `checkEntity`. Then what the schema rules out is not left. Without it nothing is relied on but that values have the
   * types of the schema where `in` asks: right for rows that nobody checks before they are listed.
   */
  readonly checked?: boolean
}

/** What was unknown. `entities` are those of the partial request, with what has become known. Links and the time are not asked again. */
export type Filling = Pick<Request, 'entities'> & Partial<Omit<Request, 'entities' | 'links' | 'nowSeconds'>>

export function unknownEntity(type?: string): UnknownEntity {
  return type === undefined ? { kind: 'unknown' } : { kind: 'unknown', type }
}

export function isUnknown(entity: EntityUid | UnknownEntity): entity is UnknownEntity {
  return entity.kind === 'unknown'
}

/** Whether an entity of the type may exist though `entities` do not have it. Asked of the request as it was given. */
export function unseenBy({ principal, resource }: PartialRequest): (type: string) => boolean {
  const unseen = [principal, resource].filter(isUnknown)
  return (type) => unseen.some((entity) => (entity.type === undefined ? !ACTION.test(type) : entity.type === type))
}

/** Entities of these types are actions, of which none is unseen. */
const ACTION = /(?:^|::)Action$/

/** The variables of which something is unknown. */
export function unknownsOf(request: PartialRequest): VariableName[] {
  const { unknownContext = [] } = request
  const entities = (['principal', 'action', 'resource'] as const).filter((name) => isUnknown(request[name]))
  return unknownContext.length === 0 ? entities : [...entities, 'context']
}
