// Types and actions that the schema does not have, and scopes that fit none of its actions.

import { actionName, formatEntityUid, type Label, nearMiss, type Problem } from '@cardea/policy'
import { allOf, type Finding, instead, meant, type Told } from './finding.ts'
import { actionsOf, sideTypes } from './types.ts'

export function tellUnknownType(finding: Finding, type: string): Told {
  return {
    code: 'ERR_VALIDATE_ENTITY_TYPE',
    message: `the schema has no entity type \`${type}\``,
    span: finding.span,
    ...instead(type, Object.keys(finding.definition.entities), finding.span, 'entity types'),
  }
}

/** `action` as Cedar writes it, `Docs::Action::"view"`. */
export function tellUnknownAction(finding: Finding, action: string): Told {
  return {
    code: 'ERR_VALIDATE_ACTION',
    message: `the schema has no action \`${action}\``,
    span: finding.span,
    ...insteadOf(
      action,
      Object.values(finding.definition.actions).map(({ uid }) => uid),
      finding,
      'actions',
    ),
  }
}

/** An id of an enumerated type. */
export function tellUnknownId(finding: Finding, entity: string, type: string): Told {
  const ids = (finding.definition.entities[type]?.enum ?? []).map((id) => ({ type, id }))
  return {
    code: 'ERR_VALIDATE_ENUM',
    message: `\`${entity}\` is not among the ids that the schema enumerates`,
    span: finding.span,
    ...insteadOf(entity, ids, finding, `entities of \`${type}\``),
  }
}

/** By the id alone: what stands before it is long, and mostly right. */
function insteadOf(
  written: string,
  known: readonly { readonly type: string; readonly id: string }[],
  { span }: Finding,
  what: string,
): Pick<Problem, 'hint' | 'suggestion'> {
  const names = known.map((uid) => formatEntityUid({ kind: 'entity', ...uid }))
  const id = written.slice(written.lastIndexOf('::"') + 3, -1)
  const near = nearMiss(
    id,
    known.map((uid) => uid.id),
  )
  const found = names[known.findIndex((uid) => uid.id === near)]
  return found === undefined ? { hint: allOf(names, what) } : meant(found, span)
}

/** `unable to find an applicable action given the policy scope constraints`. */
export function tellScope(finding: Finding): Told {
  const { policy, definition, textOf } = finding
  const actions = actionsOf(policy, definition)
  const code = 'ERR_VALIDATE_SCOPE'
  const base = 'no request of the schema fits the scope'
  for (const side of ['principal', 'resource'] as const) {
    const types = sideTypes(policy, actions, side)
    const allowed = [
      ...new Set(actions.flatMap(({ principals, resources }) => (side === 'principal' ? principals : resources))),
    ]
    const scope = policy[side]
    const named =
      scope.kind === 'is'
        ? scope.type
        : scope.kind === 'all'
          ? undefined
          : scope.entity.kind === 'entity'
            ? scope.entity.type
            : undefined
    const fits =
      scope.kind === 'in'
        ? allowed.some((type) => named !== undefined && isWithin(finding, type, named))
        : types.some((type) => allowed.includes(type))
    if (named === undefined || fits) continue
    const only = allowed.map((type) => `\`${type}\``).join(', ')
    const containing = scope.kind === 'equal' && allowed.some((type) => isWithin(finding, type, named))
    const equals = scope.span.start + textOf(scope.span).indexOf('==')
    return {
      code,
      message: `${base}: no ${side} of type \`${named}\` takes part in ${describeActions(finding)}`,
      span: scope.span,
      label: allowed.length === 0 ? `${side}s are of no type` : `${side}s are of type ${only}`,
      ...actionLabel(finding),
      ...(containing
        ? {
            hint: `for all that are in it, write \`in\``,
            suggestion: { span: { ...scope.span, start: equals, end: equals + 2 }, text: 'in' },
          }
        : {}),
    }
  }
  return { code, message: `${base}: no action has this principal and this resource together`, span: scopeSpan(finding) }
}

/** A type that may be in the other, at any distance. */
function isWithin({ definition }: Finding, type: string, container: string): boolean {
  const seen = new Set([type])
  for (const each of seen) for (const parent of definition.entities[each]?.parents ?? []) seen.add(parent)
  return seen.has(container)
}

function describeActions({ policy, definition }: Finding): string {
  const names = actionsOf(policy, definition)
    .filter(({ principals }) => principals.length > 0)
    .map(({ uid }) => `\`${actionName(uid)}\``)
  return policy.action.kind === 'all' || names.length === 0 || names.length > 3
    ? 'any of its actions'
    : names.join(' or ')
}

function actionLabel({ policy: { action } }: Finding): { readonly labels?: readonly Label[] } {
  return action.kind === 'all' ? {} : { labels: [{ span: action.span, message: 'for this action' }] }
}

function scopeSpan({ policy: { principal, resource } }: Finding): NonNullable<Problem['span']> {
  return { ...principal.span, end: resource.span.end }
}
