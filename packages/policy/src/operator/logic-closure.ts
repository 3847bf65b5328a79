// How `&&`, `||` and their negations run. A `!` costs no step of its own: it only turns round what one of their sides, or the
// whole, says. A chain is one loop, so its length costs no stack.

import type { Binary, Expression, Fault, Unary } from '../syntax/tree.ts'
import { isFault, typeFault } from './fault.ts'
import type { Compile, Evaluate } from './operator.ts'

/** The closure of the node, or of its negation. */
export function compileLogic(node: Binary, isNegated: boolean, compile: Compile): Evaluate {
  const parts = partsOf(node, compile)
  const decisive = node.kind === 'or'
  const [first, second, third] = parts
  if (first === undefined || second === undefined || third !== undefined) return loop(parts, decisive, isNegated)
  const { evaluate: evaluateLeft, fault: leftFault } = first
  const { evaluate: evaluateRight, fault: rightFault } = second
  const decides = decisive !== first.isNegated
  const flips = second.isNegated !== isNegated
  return (evaluation) => {
    const left = evaluateLeft(evaluation)
    if (left === decides) return decisive !== isNegated
    if (typeof left !== 'boolean') return isFault(left) ? left : leftFault
    const right = evaluateRight(evaluation)
    if (typeof right === 'boolean') return right !== flips
    return isFault(right) ? right : rightFault
  }
}

export function logicFault(node: Binary): Fault {
  return typeFault(`an operand of \`${node.kind === 'and' ? '&&' : '||'}\` is not a Bool`, node)
}

export function notFault(node: Unary): Fault {
  return typeFault('the operand of `!` is not a Bool', node)
}

/** One side. */
interface Part {
  readonly evaluate: Evaluate
  /** True when the side is `!` of what is evaluated. */
  readonly isNegated: boolean
  /** What is said when it is no Bool. */
  readonly fault: Fault
}

/** The operands of a chain; the place of each one's fault is that of its own `&&`, `||` or `!`. */
function partsOf(node: Binary, compile: Compile): readonly Part[] {
  const parts: Part[] = []
  let at = node
  for (;;) {
    const { left, right } = at
    parts.push(partOf(right, at, compile))
    if (left.kind !== node.kind || !('left' in left)) return [...parts, partOf(left, at, compile)].toReversed()
    at = left
  }
}

function partOf(side: Expression, node: Binary, compile: Compile): Part {
  return side.kind === 'not'
    ? { evaluate: compile(side.operand), isNegated: true, fault: notFault(side) }
    : { evaluate: compile(side), isNegated: false, fault: logicFault(node) }
}

function loop(parts: readonly Part[], decisive: boolean, isNegated: boolean): Evaluate {
  return (evaluation) => {
    for (const part of parts) {
      const value = part.evaluate(evaluation)
      if (typeof value !== 'boolean') return isFault(value) ? value : part.fault
      if ((value !== part.isNegated) === decisive) return decisive !== isNegated
    }
    return decisive === isNegated
  }
}
