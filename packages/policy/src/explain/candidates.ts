// Which policies a request could be about, and what of their scopes and grants it does not meet. Policy by policy and without the index,
// so that a deny can be explained by what the index never looked at.

import { counts } from '../compile/links.ts'
import type { TemplateLink } from '../compile/links.ts'
import type { Program } from '../compile/program.ts'
import { admitsType, hasSlot, namedEntity, relationOf } from '../compile/scope.ts'
import type { Side } from '../compile/scope.ts'
import type { Request } from '../decide/request.ts'
import { sameEntity } from '../entity/uid.ts'
import { hasAncestor } from '../operator/evaluation.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import type { Policy, Scope } from '../syntax/tree.ts'
import type { EntityUid } from '../value/value.ts'

/** What is asked, with all that explaining looks at. */
export interface Inquiry {
  readonly program: Program
  readonly request: Request
  readonly evaluation: Evaluation
}

/** The permits for the action and the two types, in order. */
export function permitsFor(inquiry: Inquiry): Policy[] {
  const { program, request } = inquiry
  return program.policies.filter(
    (policy) =>
      policy.effect === 'permit' &&
      isForAction(policy, request.action, inquiry) &&
      admitsType(policy.principal, request.principal.type) &&
      admitsType(policy.resource, request.resource.type),
  )
}

/** Action groups are the schema's; without one, those of the request's entities. */
export function isForAction({ action: scope }: Policy, action: EntityUid, { program, request }: Inquiry): boolean {
  switch (scope.kind) {
    case 'all':
      return true
    case 'equal':
      return sameEntity(scope.entity, action)
    case 'in': {
      const found = (program.schema?.actionEntities ?? request.entities).get(action)
      return scope.entities.some((entity) => sameEntity(entity, action) || hasAncestor(found, entity))
    }
    default:
      return scope satisfies never
  }
}

/** A side of the scope that the request does not meet. */
export interface UnmetScope {
  readonly side: Side
  readonly relation: 'equal' | 'in'
  readonly entity: EntityUid
  readonly scope: Scope
}

export function unmetScopes(policy: Policy, evaluation: Evaluation): UnmetScope[] {
  return (['principal', 'resource'] as const).flatMap((side) => {
    const scope = policy[side]
    const entity = namedEntity(scope)
    const relation = relationOf(scope)
    if (entity === undefined || stands(side, relation, entity, evaluation)) return []
    return [{ side, relation, entity, scope }]
  })
}

/** Whether the principal or the resource is the entity, or is in it. */
function stands(side: Side, relation: 'equal' | 'in', entity: EntityUid, evaluation: Evaluation): boolean {
  if (sameEntity(evaluation[side], entity)) return true
  return relation === 'in' && hasAncestor(evaluation[`${side}Entity`], entity)
}

/** What the links of a template say of the request; `undefined` when one of them counts. */
export interface UnmetGrant {
  readonly state: 'none' | 'elsewhere' | 'expired' | 'no-time'
  readonly untilSeconds?: number
}

/** `undefined` when a link of the template counts. Cost: the links of the template. */
export function unmetGrant(policy: Policy, { program, request, evaluation }: Inquiry): UnmetGrant | undefined {
  const { nowSeconds } = request
  let ended: number | undefined
  let isElsewhere = false
  for (const { byTemplate } of [program.links, ...(request.links === undefined ? [] : [request.links])]) {
    for (const link of byTemplate.get(policy.id) ?? []) {
      if (!fills(policy, link) || !reaches('principal', policy, link, evaluation)) continue
      if (!reaches('resource', policy, link, evaluation)) isElsewhere ||= counts(link, policy.effect, nowSeconds)
      else if (counts(link, policy.effect, nowSeconds)) return undefined
      else ended = Math.max(ended ?? Number.NEGATIVE_INFINITY, link.untilSeconds ?? Number.NEGATIVE_INFINITY)
    }
  }
  if (ended !== undefined) {
    return { state: nowSeconds === undefined ? 'no-time' : 'expired', untilSeconds: ended }
  }
  return { state: isElsewhere && policy.slots.includes('resource') ? 'elsewhere' : 'none' }
}

/** Whether the link is of this request: its principal and its resource. */
export function isOfRequest(policy: Policy, link: TemplateLink, evaluation: Evaluation): boolean {
  return (
    fills(policy, link) &&
    reaches('principal', policy, link, evaluation) &&
    reaches('resource', policy, link, evaluation)
  )
}

/** A link that fills other slots than its template has says nothing. */
function fills(policy: Policy, link: TemplateLink): boolean {
  return (
    hasSlot(policy.principal) === (link.principal !== undefined) &&
    hasSlot(policy.resource) === (link.resource !== undefined)
  )
}

function reaches(side: Side, policy: Policy, link: TemplateLink, evaluation: Evaluation): boolean {
  const entity = link[side]
  return entity === undefined || stands(side, relationOf(policy[side]), entity, evaluation)
}
