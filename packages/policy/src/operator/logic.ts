// The twins `&&` and `||`: they differ in which side's value decides. The right side is evaluated only if the left did not
// decide; both must be Bools. A chain is one loop, so its length costs no stack.
// INVARIANT of the residual: an unknown left side that may err or be no Bool is kept even where the right side is known to
// decide, because `x && false` errs when `x` does.

import type { Binary, Expression, Fault } from '../syntax/tree.ts'
import { isFault, typeFault } from './fault.ts'
import type { Compile, Evaluate, Operator, PartialEvaluation, Proof } from './operator.ts'
import { BOOL, isBoolean } from './type-of.ts'

/** `decisive` is the value of one side that decides the whole: `false` for `&&`, `true` for `||`. */
export function logicOperator(kind: 'and' | 'or', decisive: boolean): Operator<Binary> {
  const fault = logicFault

  return {
    compile(node, compile) {
      if (node.left.kind === kind) return loop(chainParts(node, kind, compile), decisive)
      const first = compile(node.left)
      const second = compile(node.right)
      const type = fault(node)
      return (evaluation) => {
        const left = first(evaluation)
        if (left === decisive) return decisive
        if (left !== !decisive) return isFault(left) ? left : type
        const right = second(evaluation)
        return typeof right === 'boolean' || isFault(right) ? right : type
      }
    },

    residual(node, partial) {
      const [first, ...rest] = chain(node, kind)
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
      return chain(node, kind).every((part) => {
        const isSafe = isBoolean(part, given) && given.neverErrs(part)
        given = given.assuming(part, !decisive)
        return isSafe
      })
    },
  }

  function join(first: Expression, next: Expression, partial: PartialEvaluation): Expression {
    const left = asCondition(first)
    const span = { ...left.span, end: next.span.end }
    if (left.kind === 'literal' && typeof left.value !== 'boolean') return fault({ kind, left, right: next, span })
    const right = partial.condition(next)
    const node: Binary = { kind, left, right, span }
    if (right.kind === 'literal' && typeof right.value !== 'boolean') {
      return isLiteral(left, !decisive) ? fault(node) : { ...node, right: fault(node) }
    }
    if (isLiteral(left, !decisive)) return isBoolean(right, partial) ? right : node
    if (isLiteral(right, !decisive)) return isBoolean(left, partial) ? left : node
    if (isLiteral(right, decisive)) return isBoolean(left, partial) && partial.neverErrs(left) ? right : node
    return node
  }
}

export function logicFault(node: Binary): Fault {
  return typeFault(`an operand of \`${node.kind === 'and' ? '&&' : '||'}\` is not a Bool`, node)
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

/** The operands of a left-leaning chain, in order. */
function chain(node: Binary, kind: Binary['kind']): Expression[] {
  const parts = [node.right]
  let left = node.left
  while (left.kind === kind) {
    parts.push(left.right)
    left = left.left
  }
  return [...parts, left].toReversed()
}

/** The operands of a chain; the place of each one's fault is that of its own `&&` or `||`. */
function chainParts(node: Binary, kind: Binary['kind'], compile: Compile): Part[] {
  const parts: Part[] = []
  let at = node
  for (;;) {
    const { left, right } = at
    const fault = logicFault(at)
    parts.push({ evaluate: compile(right), fault })
    if (left.kind !== kind) return [...parts, { evaluate: compile(left), fault }].toReversed()
    at = left
  }
}

interface Part {
  readonly evaluate: Evaluate
  /** What is said when it is no Bool. */
  readonly fault: Fault
}

function loop(parts: readonly Part[], decisive: boolean): Evaluate {
  return (evaluation) => {
    for (const { evaluate, fault } of parts) {
      const value = evaluate(evaluation)
      if (value === decisive) return decisive
      if (value !== !decisive) return isFault(value) ? value : fault
    }
    return !decisive
  }
}

function isLiteral(node: Expression, value: boolean): boolean {
  return node.kind === 'literal' && node.value === value
}
