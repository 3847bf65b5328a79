// A policy in Cedar's JSON policy format, which Cedar's own tools read.
// Cedar reference: docs.cedarpolicy.com/policies/json-format.html

import type { EntityUid, Value } from '../value/value.ts'
import { valueToJson } from '../value/json.ts'
import type { ActionScope, Binary, Effect, Expression, Like, Policy, Scope, SlotReference } from '../syntax/tree.ts'

export interface JsonPolicy {
  readonly effect: Effect
  readonly principal: JsonScope
  readonly action: JsonActionScope
  readonly resource: JsonScope
  readonly conditions: readonly { readonly kind: 'when' | 'unless'; readonly body: JsonExpression }[]
  readonly annotations?: { readonly [name: string]: string }
}

export interface JsonEntityUid {
  readonly type: string
  readonly id: string
}

export type JsonReference = { readonly entity: JsonEntityUid } | { readonly slot: '?principal' | '?resource' }

export type JsonScope =
  | { readonly op: 'All' }
  | ({ readonly op: '==' | 'in' } & JsonReference)
  | { readonly op: 'is'; readonly entity_type: string; readonly in?: JsonReference }

export type JsonActionScope =
  | { readonly op: 'All' }
  | { readonly op: '=='; readonly entity: JsonEntityUid }
  | { readonly op: 'in'; readonly entity: JsonEntityUid }
  | { readonly op: 'in'; readonly entities: readonly JsonEntityUid[] }

/** One property, named after the operator. */
export interface JsonExpression {
  readonly [operator: string]: unknown
}

/**
 * The policy in Cedar's JSON format. A Long beyond 2^53 is a `bigint`, which `JSON.stringify` refuses rather than rounds.
 * An annotation without a value has the value `""`. A `Fault`, which only residuals hold, is a `TypeError`.
 */
export function policyToJson(policy: Policy): JsonPolicy {
  return {
    effect: policy.effect,
    principal: scopeToJson(policy.principal),
    action: actionToJson(policy.action),
    resource: scopeToJson(policy.resource),
    conditions: policy.conditions.map(({ kind, body }) => ({ kind, body: expressionToJson(body) })),
    ...(policy.annotations.size === 0 ? {} : { annotations: Object.fromEntries(policy.annotations) }),
  }
}

function scopeToJson(scope: Scope): JsonScope {
  switch (scope.kind) {
    case 'all':
      return { op: 'All' }
    case 'equal':
      return { op: '==', ...referenceToJson(scope.entity) }
    case 'in':
      return { op: 'in', ...referenceToJson(scope.entity) }
    case 'is':
      return {
        op: 'is',
        entity_type: scope.type,
        ...(scope.in === undefined ? {} : { in: referenceToJson(scope.in) }),
      }
    default:
      return scope satisfies never
  }
}

function referenceToJson(reference: EntityUid | SlotReference): JsonReference {
  return reference.kind === 'slot' ? { slot: `?${reference.slot}` } : { entity: uidToJson(reference) }
}

function actionToJson(scope: ActionScope): JsonActionScope {
  if (scope.kind === 'all') return { op: 'All' }
  if (scope.kind === 'equal') return { op: '==', entity: uidToJson(scope.entity) }
  // Cedar writes a list of one as that one
  const [only, ...others] = scope.entities.map(uidToJson)
  if (only !== undefined && others.length === 0) return { op: 'in', entity: only }
  return { op: 'in', entities: scope.entities.map(uidToJson) }
}

function uidToJson({ type, id }: EntityUid): JsonEntityUid {
  return { type, id }
}

const OPERATORS: { readonly [K in Binary['kind']]: string } = {
  and: '&&',
  or: '||',
  equal: '==',
  notEqual: '!=',
  less: '<',
  lessEqual: '<=',
  greater: '>',
  greaterEqual: '>=',
  add: '+',
  subtract: '-',
  multiply: '*',
  in: 'in',
  contains: 'contains',
  containsAll: 'containsAll',
  containsAny: 'containsAny',
  getTag: 'getTag',
  hasTag: 'hasTag',
}

function expressionToJson(node: Expression): JsonExpression {
  if (isBinary(node)) {
    return { [OPERATORS[node.kind]]: { left: expressionToJson(node.left), right: expressionToJson(node.right) } }
  }
  switch (node.kind) {
    case 'literal':
      return { Value: literalToJson(node.value) }
    case 'variable':
      return { Var: node.name }
    case 'not':
      return { '!': { arg: expressionToJson(node.operand) } }
    case 'negate':
      return { neg: { arg: expressionToJson(node.operand) } }
    case 'isEmpty':
      return { isEmpty: { arg: expressionToJson(node.operand) } }
    case 'if':
      return {
        'if-then-else': {
          if: expressionToJson(node.test),
          then: expressionToJson(node.then),
          else: expressionToJson(node.else),
        },
      }
    case 'attribute':
      return { '.': { left: expressionToJson(node.of), attr: node.name } }
    case 'has':
      return { has: { left: expressionToJson(node.of), attr: node.path.length === 1 ? node.path[0] : node.path } }
    case 'like':
      return { like: { left: expressionToJson(node.of), pattern: patternToJson(node.pattern) } }
    case 'is': {
      const within = node.in === undefined ? {} : { in: expressionToJson(node.in) }
      return { is: { left: expressionToJson(node.of), entity_type: node.type, ...within } }
    }
    case 'set':
      return { Set: node.elements.map(expressionToJson) }
    case 'record':
      // `fromEntries` defines its properties, so that a field `__proto__` stays data
      return { Record: Object.fromEntries([...node.fields].map(([name, value]) => [name, expressionToJson(value)])) }
    case 'call':
      return { [node.function]: node.arguments.map(expressionToJson) }
    case 'fault':
      throw new TypeError('a fault of a residual has no JSON form')
    default:
      return node satisfies never
  }
}

function isBinary(node: Expression): node is Binary {
  return Object.hasOwn(OPERATORS, node.kind)
}

/** As in entity files, but that a Long keeps its digits as a `bigint`. */
function literalToJson(value: Value): unknown {
  return typeof value === 'bigint' ? value : valueToJson(value)
}

/** Cedar writes one `Literal` a character. */
function patternToJson(pattern: Like['pattern']): readonly unknown[] {
  return pattern.flatMap((part): readonly unknown[] =>
    part.kind === 'wildcard' ? ['Wildcard'] : Array.from(part.text, (character) => ({ Literal: character })),
  )
}
