// How `&&`, `||` and their negations run. A `!` costs no step of its own: it only turns round what one of their sides, or the
// whole, says. A chain is one loop, so its length costs no stack.

import type { Binary, Expression, Fault, Unary } from '../syntax/tree.ts'
import { isFault, typeFault } from './fault.ts'
import type { Result } from './fault.ts'
import type { Compile, Evaluate } from './operator.ts'
import { readAttribute, requestAttribute } from './request-attribute.ts'

/** The closure of the node, or of its negation. */
export function compileLogic(node: Binary, isNegated: boolean, compile: Compile): Evaluate {
  const parts = partsOf(node)
  const decisive = node.kind === 'or'
  const [first, second, third] = parts
  if (first === undefined || second === undefined || third !== undefined) {
    return loop(
      parts.map((part) => ({ ...part, evaluate: compile(part.node) })),
      decisive,
      isNegated,
    )
  }
  const { fault } = first
  const decides = decisive !== first.isNegated
  const whole = decisive !== isNegated
  const rest: Rest = { flips: second.isNegated !== isNegated, fault: second.fault }
  const near = requestAttribute(first.node)
  const other = requestAttribute(second.node)
  if (near !== undefined && other !== undefined) {
    return (evaluation) => {
      const left = readAttribute(near, evaluation)
      if (left === decides) return whole
      return typeof left === 'boolean' ? restOf(rest, readAttribute(other, evaluation)) : faultOf(left, fault)
    }
  }
  const evaluateLeft = compile(first.node)
  const evaluateRight = compile(second.node)
  return (evaluation) => {
    const left = evaluateLeft(evaluation)
    if (left === decides) return whole
    return typeof left === 'boolean' ? restOf(rest, evaluateRight(evaluation)) : faultOf(left, fault)
  }
}

/** What the right side says of the whole: its value, turned round where it `flips`. */
interface Rest {
  readonly flips: boolean
  readonly fault: Fault
}

function restOf({ flips, fault }: Rest, value: Result): Result {
  return typeof value === 'boolean' ? value !== flips : faultOf(value, fault)
}

/** The fault that the result is, or that it is no Bool. */
function faultOf(result: Result, fault: Fault): Fault {
  return isFault(result) ? result : fault
}

export function logicFault(node: Binary): Fault {
  return typeFault(`an operand of \`${node.kind === 'and' ? '&&' : '||'}\` is not a Bool`, node)
}

export function notFault(node: Unary): Fault {
  return typeFault('the operand of `!` is not a Bool', node)
}

/** One side. */
interface Part {
  readonly node: Expression
  /** True when the side is `!` of the node. */
  readonly isNegated: boolean
  /** What is said when it is no Bool. */
  readonly fault: Fault
}

/** The operands of a chain; the place of each one's fault is that of its own `&&`, `||` or `!`. */
function partsOf(node: Binary): readonly Part[] {
  const parts: Part[] = []
  let at = node
  for (;;) {
    const { left, right } = at
    parts.push(partOf(right, at))
    if (left.kind !== node.kind || !('left' in left)) return [...parts, partOf(left, at)].toReversed()
    at = left
  }
}

function partOf(side: Expression, node: Binary): Part {
  return side.kind === 'not'
    ? { node: side.operand, isNegated: true, fault: notFault(side) }
    : { node: side, isNegated: false, fault: logicFault(node) }
}

function loop(
  parts: readonly (Part & { readonly evaluate: Evaluate })[],
  decisive: boolean,
  isNegated: boolean,
): Evaluate {
  return (evaluation) => {
    for (const part of parts) {
      const value = part.evaluate(evaluation)
      if (typeof value !== 'boolean') return faultOf(value, part.fault)
      if ((value !== part.isNegated) === decisive) return decisive !== isNegated
    }
    return decisive === isNegated
  }
}
