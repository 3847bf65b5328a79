// A policy as the list of what must hold for it to apply. One of them at a time made false is what finds a condition that was dropped.

import type { EntityUid, Expression, Policy, Scope } from '@cardea/policy'
import { printExpression } from '@cardea/policy/print'

export interface Conjunct {
  readonly expression: Expression
  readonly wanted: boolean
  /** The same for what is written alike, wherever it stands. */
  readonly key: string
}

/** What the scope says of principal and resource, and every condition, taken apart. Slots say nothing here. */
export function conjunctsOf({ principal, resource, conditions }: Policy): readonly Conjunct[] {
  const found: Conjunct[] = []
  const split = (expression: Expression, wanted: boolean): void => {
    if (expression.kind === 'not') return split(expression.operand, !wanted)
    if (expression.kind !== (wanted ? 'and' : 'or')) {
      found.push({ expression, wanted, key: `${wanted} ${printExpression(expression)}` })
      return undefined
    }
    split(expression.left, wanted)
    return split(expression.right, wanted)
  }
  for (const [name, scope] of [
    ['principal', principal],
    ['resource', resource],
  ] as const) {
    const entity = entityOf(scope)
    if (entity === undefined) continue
    const { span } = scope
    const left: Expression = { kind: 'variable', name, span }
    const right: Expression = { kind: 'literal', value: entity, span }
    split({ kind: scope.kind === 'equal' ? 'equal' : 'in', left, right, span }, true)
  }
  for (const { kind, body } of conditions) split(body, kind === 'when')
  return found
}

/** The entity that a scope names; a slot is none. */
export function entityOf(scope: Scope): EntityUid | undefined {
  if (scope.kind === 'all') return undefined
  const entity = scope.kind === 'is' ? scope.in : scope.entity
  return entity?.kind === 'entity' ? entity : undefined
}
