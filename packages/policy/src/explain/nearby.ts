// The default deny: no permit is for the action on this type of resource. What permits are for, with one part of the question changed.

import { admitsType } from '../compile/scope.ts'
import { entityUid, formatEntityUid } from '../entity/uid.ts'
import { nearMiss } from '../syntax/near-miss.ts'
import type { Policy } from '../syntax/tree.ts'
import type { EntityUid } from '../value/value.ts'
import { isForAction } from './candidates.ts'
import type { Inquiry } from './candidates.ts'
import type { Nearby } from './explanation.ts'

/** Names that are listed of many. */
const MOST_NAMES = 8
/** Actions and types that are tried: each costs the policies. */
const MOST_TRIED = 64

/** What the nearest permits are for; every list is sorted as schema and policies name it. Cost: the policies, for each name tried. */
export function nearbyOf(inquiry: Inquiry): Nearby {
  const { program, request } = inquiry
  const { principal, action, resource } = request
  const permits = program.policies.filter(({ effect }) => effect === 'permit')
  const actions = actionsIn(inquiry, permits)
  const isPermitted = (asked: EntityUid, principalType: string, resourceType: string): boolean =>
    permits.some(
      (policy) =>
        isForAction(policy, asked, inquiry) &&
        admitsType(policy.principal, principalType) &&
        admitsType(policy.resource, resourceType),
    )
  const isKnown = actions.some(({ type, id }) => type === action.type && id === action.id)
  const meant = isKnown
    ? undefined
    : nearMiss(
        action.id,
        actions.map(({ id }) => id),
      )
  const meantAction = actions.find(({ id }) => id === meant)
  return {
    ...(meantAction === undefined ? {} : { meant: formatEntityUid(meantAction) }),
    actions: actions
      .filter((other) => isPermitted(other, principal.type, resource.type) && appliesTo(inquiry, other))
      .map(formatEntityUid)
      .slice(0, MOST_NAMES),
    principalTypes: typesIn(inquiry, 'principal', permits)
      .filter((type) => isPermitted(action, type, resource.type))
      .slice(0, MOST_NAMES),
    resourceTypes: typesIn(inquiry, 'resource', permits)
      .filter((type) => isPermitted(action, principal.type, type))
      .slice(0, MOST_NAMES),
  }
}

/** The schema's; without one, those that the permits name. */
function actionsIn({ program: { schema } }: Inquiry, permits: readonly Policy[]): readonly EntityUid[] {
  const named =
    schema === undefined
      ? permits.flatMap(({ action }) =>
          action.kind === 'all' ? [] : action.kind === 'equal' ? action.entity : action.entities,
        )
      : Object.values(schema.definition.actions)
          .filter(({ resources }) => resources.length > 0)
          .map(({ uid: { type, id } }) => entityUid(type, id))
  return [...new Map(named.map((uid) => [formatEntityUid(uid), uid])).values()].slice(0, MOST_TRIED)
}

function appliesTo({ program: { schema }, request: { principal, resource } }: Inquiry, action: EntityUid): boolean {
  const definition = schema?.action(action)
  if (definition === undefined) return schema === undefined
  return definition.principals.includes(principal.type) && definition.resources.includes(resource.type)
}

/** Those that the schema lets the action have; without one, those that the permits name. */
function typesIn(
  { program: { schema }, request }: Inquiry,
  side: 'principal' | 'resource',
  permits: readonly Policy[],
): readonly string[] {
  const definition = schema?.action(request.action)
  const named =
    schema === undefined
      ? permits.flatMap((policy) => (policy[side].kind === 'is' ? policy[side].type : []))
      : ((side === 'principal' ? definition?.principals : definition?.resources) ?? [])
  return [...new Set(named)].filter((type) => type !== request[side].type).slice(0, MOST_TRIED)
}
