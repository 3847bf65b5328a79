// The twins `&&` and `||`: they differ in which side's value decides. The right side is evaluated only if the left did not
// decide; both must be Bools.
// INVARIANT of the residual: an unknown left side that may err or be no Bool is kept even where the right side is known to
// decide, because `x && false` errs when `x` does.

import type { Binary, Expression } from '../syntax/tree.ts'
import { compileLogic, logicFault } from './logic-closure.ts'
import type { Operator, PartialEvaluation, Proof } from './operator.ts'
import { BOOL, isBoolean } from './type-of.ts'

/** `decisive` is the value of one side that decides the whole: `false` for `&&`, `true` for `||`. */
export function logicOperator(kind: 'and' | 'or', decisive: boolean): Operator<Binary> {
  return {
    compile: (node, compile) => compileLogic(node, false, compile),

    residual(node, partial) {
      const [first, ...rest] = chainOf(node)
      let left = first === undefined ? node : partial.condition(first)
      for (const next of rest) {
        // a left side that decides, or errs, is the whole: what follows is never reached
        if (isLiteral(left, decisive) || left.kind === 'fault') return left
        left = join(left, next, partial)
      }
      return left
    },

    // `a && b` is true where both are; it is false where `a` is, or `a` is true and `b` is false. In the second case it matters
    // whether `a` errs, so `a` stays as it is unless `b` can never be what is wanted. `||` is the mirror image.
    focus(node, wanted, focus) {
      const right = focus(node.right, wanted)
      const isHopeless = right.kind === 'literal' && right.value !== wanted
      if (wanted === decisive) return isHopeless ? focus(node.left, wanted) : { ...node, right }
      if (isHopeless) return right
      const left = focus(node.left, wanted)
      if (left.kind === 'literal') return left.value === wanted ? right : left
      return right.kind === 'literal' ? left : { ...node, left, right }
    },
    typeOf: () => BOOL,
    neverErrs(node, prove) {
      let given: Proof = prove
      return chainOf(node).every((part) => {
        const isSafe = isBoolean(part, given) && given.neverErrs(part)
        given = given.assuming(part, !decisive)
        return isSafe
      })
    },
  }

  function join(first: Expression, next: Expression, partial: PartialEvaluation): Expression {
    const left = asCondition(first)
    const span = { ...left.span, end: next.span.end }
    if (left.kind === 'literal' && typeof left.value !== 'boolean') return logicFault({ kind, left, right: next, span })
    const right = partial.condition(next)
    const node: Binary = { kind, left, right, span }
    if (right.kind === 'literal' && typeof right.value !== 'boolean') {
      return isLiteral(left, !decisive) ? logicFault(node) : { ...node, right: logicFault(node) }
    }
    if (isLiteral(left, !decisive)) return isBoolean(right, partial) ? right : node
    if (isLiteral(right, !decisive)) return isBoolean(left, partial) ? left : node
    if (isLiteral(right, decisive)) return isBoolean(left, partial) && partial.neverErrs(left) ? right : node
    return node
  }
}

/**
 * A node without `true && x`, `x && true`, `false || x`, `x || false`. They only check that `x` is a Bool: exact where
 * whatever takes the value checks that itself.
 */
export function asCondition(node: Expression): Expression {
  if (node.kind !== 'and' && node.kind !== 'or') return node
  if (isLiteral(node.left, node.kind === 'and')) return asCondition(node.right)
  return isLiteral(node.right, node.kind === 'and') ? asCondition(node.left) : node
}

/** The operands of a left-leaning chain, in order: a policy's conditions make long ones. */
export function chainOf(node: Binary): Expression[] {
  const parts = [node.right]
  let left = node.left
  while (left.kind === node.kind && 'left' in left) {
    parts.push(left.right)
    left = left.left
  }
  return [...parts, left].toReversed()
}

function isLiteral(node: Expression, value: boolean): boolean {
  return node.kind === 'literal' && node.value === value
}
