// Scopes as expressions, so that partial evaluation treats them like any condition.

import type { TemplateLink } from '../compile/links.ts'
import { hasSlot, relationOf } from '../compile/scope.ts'
import type { Side } from '../compile/scope.ts'
import type { TypeDefinition } from '../schema/definition.ts'
import type {
  ActionScope,
  Binary,
  Expression,
  Is,
  Policy,
  Scope,
  SlotReference,
  Span,
  VariableName,
} from '../syntax/tree.ts'
import { setValue } from '../value/equality.ts'
import type { EntityUid, Value } from '../value/value.ts'

/** What the scope of a policy says. Slots say nothing here: `slotExpression` says what they are filled with. */
export function scopeExpression({ principal, action, resource }: Policy): Expression[] {
  return [
    ...sideExpressions('principal', principal),
    ...actionExpressions(action),
    ...sideExpressions('resource', resource),
  ]
}

/** What a slot of the principal or of the resource says when links fill it: that it is, or is in, one of those they name. */
export function slotExpression(
  policy: Policy,
  side: Side,
  links: readonly TemplateLink[],
  type: TypeDefinition | undefined,
): Expression {
  const scope = policy[side]
  const { span } = scope
  if (!hasSlot(scope)) return literal(links.length > 0, span)
  const isEqual = relationOf(scope) === 'equal'
  const uids = links.flatMap((link) => link[side] ?? [])
  const named = setValue(
    isEqual && type?.type === 'Entity' ? uids.filter((uid) => uid.type === type.name) : uids,
  ).elements
  const [only] = named
  if (only === undefined) return literal(false, span)
  const entity = variable(side, span)
  if (named.length === 1) return { kind: isEqual ? 'equal' : 'in', left: entity, right: literal(only, span), span }
  const set = literal({ kind: 'set', elements: named }, span)
  return isEqual ? { kind: 'contains', left: set, right: entity, span } : { kind: 'in', left: entity, right: set, span }
}

/** All of the expressions, in order. */
export function conjunction(parts: readonly Expression[], span: Span): Expression {
  const [first, ...rest] = parts
  if (first === undefined) return literal(true, span)
  return rest.reduce((left, right): Binary => ({ kind: 'and', left, right, span }), first)
}

function sideExpressions(name: 'principal' | 'resource', scope: Scope): Expression[] {
  const { span } = scope
  const left = variable(name, span)
  switch (scope.kind) {
    case 'all':
      return []
    case 'equal':
    case 'in':
      return isSlot(scope.entity) ? [] : [relation(scope.kind, left, scope.entity, span)]
    case 'is': {
      const is: Is = { kind: 'is', of: left, type: scope.type, span }
      return scope.in === undefined || isSlot(scope.in) ? [is] : [is, relation('in', left, scope.in, span)]
    }
    default:
      return scope satisfies never
  }
}

function actionExpressions(scope: ActionScope): Expression[] {
  const { span } = scope
  switch (scope.kind) {
    case 'all':
      return []
    case 'equal':
      return [relation('equal', variable('action', span), scope.entity, span)]
    case 'in':
      return [{ kind: 'in', left: variable('action', span), right: literal(setValue(scope.entities), span), span }]
    default:
      return scope satisfies never
  }
}

function relation(kind: 'equal' | 'in', left: Expression, entity: EntityUid, span: Span): Expression {
  return { kind, left, right: literal(entity, span), span }
}

function variable(name: VariableName, span: Span): Expression {
  return { kind: 'variable', name, span }
}

function literal(value: Value, span: Span): Expression {
  return { kind: 'literal', value, span }
}

function isSlot(entity: EntityUid | SlotReference): entity is SlotReference {
  return entity.kind === 'slot'
}
