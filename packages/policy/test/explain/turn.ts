// Turning atoms by rewriting the tree, so that what an explanation claims is proven by the evaluator itself and not by the search that
// found it.

import { printExpression } from '../../src/print/print-policy.ts'
import type { Expression, Policy, Scope } from '../../src/syntax/tree.ts'
import type { Flip } from '../../src/explain/explanation.ts'

/** The expression with every atom of those texts replaced by what it becomes; `a != b` is `a == b` turned around. */
export function withAtoms(node: Expression, turned: ReadonlyMap<string, boolean>): Expression {
  const inner = (child: Expression): Expression => withAtoms(child, turned)
  const becomes = (value: boolean | undefined): Expression =>
    value === undefined ? node : { kind: 'literal', value, span: node.span }
  switch (node.kind) {
    case 'not':
      return { ...node, operand: inner(node.operand) }
    case 'and':
    case 'or':
      return { ...node, left: inner(node.left), right: inner(node.right) }
    case 'if':
      return { ...node, test: inner(node.test), then: inner(node.then), else: inner(node.else) }
    case 'equal':
    case 'notEqual': {
      const other = turned.get(printExpression({ ...node, kind: node.kind === 'equal' ? 'notEqual' : 'equal' }))
      return becomes(turned.get(printExpression(node)) ?? (other === undefined ? undefined : !other))
    }
    default:
      return becomes(turned.get(printExpression(node)))
  }
}

/** The distinct atoms of an expression, by text; of `a == b` and `a != b` one. */
export function atomsIn(node: Expression): ReadonlyMap<string, Expression> {
  switch (node.kind) {
    case 'not':
      return atomsIn(node.operand)
    case 'and':
    case 'or':
      return new Map([...atomsIn(node.left), ...atomsIn(node.right)])
    case 'if':
      return new Map([...atomsIn(node.test), ...atomsIn(node.then), ...atomsIn(node.else)])
    case 'notEqual':
      return new Map([[printExpression({ ...node, kind: 'equal' }), { ...node, kind: 'equal' }]])
    default:
      return new Map([[printExpression(node), node]])
  }
}

/** The policy as it would be if the flips of its scope and its conditions were met. */
export function withFlips(policy: Policy, flips: readonly Flip[]): Policy {
  const sides = flips.flatMap((flip) => (flip.kind === 'scope' ? flip.side : []))
  const conditions = flips.flatMap((flip) => (flip.kind === 'condition' ? flip : []))
  const whole = conditions.find(({ text }) => text === printExpression(wholeOf(policy)))
  return {
    ...policy,
    principal: sides.includes('principal') ? withoutEntity(policy.principal) : policy.principal,
    resource: sides.includes('resource') ? withoutEntity(policy.resource) : policy.resource,
    conditions:
      whole !== undefined
        ? [{ kind: 'when', body: { kind: 'literal', value: whole.wanted, span: policy.span }, span: policy.span }]
        : policy.conditions.map((condition) => ({
            ...condition,
            body: withAtoms(condition.body, new Map(conditions.map(({ text, wanted }) => [text, wanted]))),
          })),
  }
}

function withoutEntity(scope: Scope): Scope {
  const { span } = scope
  return scope.kind === 'is' ? { kind: 'is', type: scope.type, span } : { kind: 'all', span }
}

/** All conditions as one expression. */
function wholeOf({ conditions, span }: Policy): Expression {
  const [first = { kind: 'literal', value: true, span } as const, ...rest] = conditions.map(
    ({ kind, body }): Expression => (kind === 'when' ? body : { kind: 'not', operand: body, span }),
  )
  return rest.reduce<Expression>((left, right) => ({ kind: 'and', left, right, span }), first)
}
