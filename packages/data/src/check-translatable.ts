// Whether every list that a policy set can be asked for has an exact query. Asked when policy is built, so that no list fails
// while it is served, and none is nearly right.

import type { ActionScope, Expression, Policy, Problem, Schema, Scope } from '@cardea/policy'
import type { EntityMapping } from '@cardea/policy/mapping'
import type { Dialect } from './sql/dialect.ts'
import { sqlite } from './sql/sqlite.ts'
import { rowOf } from './translate/row.ts'
import type { Row } from './translate/row.ts'
import { refusalsOf } from './translate/translate.ts'

export interface CheckOptions {
  /** Names of the actions that are asked for lists; all by default. */
  readonly actions?: readonly string[]
  readonly dialect?: Dialect
}

/**
 * Every construct of the policies that has no exact query over the mapped tables, with its place: all of them, once each.
 * Empty: `sqlOf` and the targets translate every filter of these policies. Assumes policies that pass strict validation.
 * Codes: `ERR_DATA_ARITHMETIC`, `_EXTENSION`, `_RECORD`, `_REACHED`, `_PATTERN`, `_UNSUPPORTED`. Error: `ERR_DATA_MAPPING`.
 */
export function checkTranslatable(
  policies: readonly Policy[],
  schema: Schema,
  mappings: readonly EntityMapping[],
  options: CheckOptions = {},
): Problem[] {
  const problems = new Map<string, Problem>()
  for (const mapping of mappings) {
    const row = rowOf(mapping)
    for (const policy of policies) {
      if (!appliesTo(policy, row, schema, options.actions)) continue
      for (const refusal of refusalsOf(wholeOf(policy), row, options.dialect ?? sqlite)) {
        const { code, hint, span } = refusal
        const message = `${refusal.message} (policy \`${policy.id}\`, a list of \`${row.type}\`)`
        const problem: Problem = { severity: 'error', code, message, span, ...(hint === undefined ? {} : { hint }) }
        problems.set(`${code} ${span.file} ${span.start} ${span.end} ${row.type}`, problem)
      }
    }
  }
  return [...problems.values()].sort(byPlace)
}

/** True when a list of the rows can come to ask the policy. */
function appliesTo(policy: Policy, row: Row, schema: Schema, actions: readonly string[] | undefined): boolean {
  const { resource } = policy
  if (resource.kind === 'is' && resource.type !== row.type) return false
  return Object.entries(schema.definition.actions).some(
    ([name, action]) =>
      (actions === undefined || actions.includes(name)) &&
      action.resources.includes(row.type) &&
      isInScope(policy.action, action.uid, schema),
  )
}

function isInScope(scope: ActionScope, uid: { readonly type: string; readonly id: string }, schema: Schema): boolean {
  switch (scope.kind) {
    case 'all':
      return true
    case 'equal':
      return scope.entity.type === uid.type && scope.entity.id === uid.id
    case 'in': {
      const groups = schema.actionEntities.get({ kind: 'entity', ...uid })?.ancestors
      return scope.entities.some(
        ({ type, id }) => (type === uid.type && id === uid.id) || groups?.get(type)?.has(id) === true,
      )
    }
    default:
      return scope satisfies never
  }
}

/** The policy as the residual would say it: what its scope says of the resource, and its conditions. */
function wholeOf({ resource, conditions, span }: Policy): Expression {
  const parts = conditions.map(
    ({ kind, body, span }): Expression => (kind === 'when' ? body : { kind: 'not', operand: body, span }),
  )
  return [...scopeOf(resource), ...parts].reduce<Expression>((left, right) => ({ kind: 'and', left, right, span }), {
    kind: 'literal',
    value: true,
    span,
  })
}

function scopeOf(scope: Scope): Expression[] {
  const { span } = scope
  const entity = scope.kind === 'all' ? undefined : scope.kind === 'is' ? scope.in : scope.entity
  if (entity === undefined) return []
  // what fills a slot is as unknown as the principal is
  const right: Expression =
    entity.kind === 'slot' ? { kind: 'variable', name: 'principal', span } : { kind: 'literal', value: entity, span }
  const left: Expression = { kind: 'variable', name: 'resource', span }
  return [{ kind: scope.kind === 'equal' ? 'equal' : 'in', left, right, span }]
}

function byPlace({ span: left }: Problem, { span: right }: Problem): number {
  if (left === undefined || right === undefined) return 0
  if (left.file !== right.file) return left.file < right.file ? -1 : 1
  return left.start - right.start
}
