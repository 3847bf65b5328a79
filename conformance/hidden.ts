// A request with parts of it hidden, as a residual takes it: every combination of unknown principal, action, resource and context, told
// by a number. What fills it is the request itself.

import {
  checkEntity,
  checkRequest,
  decide,
  type Entities,
  type EntityUid,
  evaluateResidual,
  type Filling,
  type PartialRequest,
  type Program,
  type Request,
  residual,
  sameEntity,
  type Schema,
  unknownEntity,
} from '@cardea/policy'

export interface Hidden {
  readonly partial: PartialRequest
  readonly filling: Filling
}

/** Numbers that hide different things. */
export const MASKS: number = 2 * 2 * 2 * 3 * 2 * 2

/** The request without what the number says. Entities of hidden types are left out but for a few, as before they are loaded. */
function hide(request: Request, mask: number): Hidden {
  let rest = mask
  const take = (choices: number): number => {
    const choice = rest % choices
    rest = Math.floor(rest / choices)
    return choice
  }
  const hidden = { principal: take(2) === 1, action: take(2) === 1, resource: take(2) === 1 }
  const contextMask = take(3)
  const isTyped = take(2) === 1
  const isLoaded = take(2) === 1
  const { principal, action, resource, context, entities } = request
  const names = [...context.keys()]
  const unknownContext = contextMask === 0 ? [] : contextMask === 1 ? names.filter((_, at) => at % 2 === 0) : 'others'
  const unseen = [...(hidden.principal ? [principal] : []), ...(hidden.resource ? [resource] : [])]
  const isHeld = (uid: EntityUid): boolean =>
    (!hidden.principal && sameEntity(uid, principal)) || (!hidden.resource && sameEntity(uid, resource))
  const known: Entities = {
    get(uid) {
      const mayLack = /(?:^|::)Action$/.test(uid.type)
        ? false
        : unseen.some(({ type }) => !isTyped || type === uid.type)
      return !mayLack || isHeld(uid) || (isLoaded && uid.id.length % 2 === 0) ? entities.get(uid) : undefined
    },
  }
  const without = (uid: EntityUid, isHidden: boolean) =>
    isHidden ? unknownEntity(isTyped ? uid.type : undefined) : uid
  return {
    partial: {
      principal: without(principal, hidden.principal),
      action: hidden.action ? unknownEntity() : action,
      resource: without(resource, hidden.resource),
      context: contextMask === 2 ? new Map([...context].filter((_, at) => at % 2 === 1)) : context,
      unknownContext,
      entities: known,
    },
    filling: { principal, action, resource, context, entities },
  }
}

/** What is wrong with the residual of the request with these parts hidden, or nothing. */
export function residualFailure(program: Program, request: Request, mask: number): string | undefined {
  const { partial, filling } = hide(request, mask)
  const expected = decide(program, request).decision
  for (const checked of isChecked(program.schema, request) ? [true, false] : [false]) {
    const left = residual(program, { ...partial, checked })
    const got = evaluateResidual(left, filling).decision
    if (got !== expected) return `hidden ${mask}: ${left.kind} gives ${got}, deciding gives ${expected}`
  }
  return undefined
}

/** Whether a residual may rely on the schema: the request and its entities were made to fit it. */
function isChecked(schema: Schema | undefined, request: Request): boolean {
  if (schema === undefined || checkRequest(schema, request).length > 0) return false
  const own = [request.principal, request.resource].map((uid) => request.entities.get(uid))
  return own.every((entity) => entity !== undefined && checkEntity(schema, entity).length === 0)
}
