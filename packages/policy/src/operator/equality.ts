// The twins `==` and `!=`. They never err by themselves: values of different types are unequal.

import type { Binary, Expression } from '../syntax/tree.ts'
import { sameEntity } from '../entity/uid.ts'
import { valueEquals } from '../value/equality.ts'
import type { EntityUid } from '../value/value.ts'
import type { Evaluation } from './evaluation.ts'
import { isFault } from './fault.ts'
import type { Compile, Evaluate, Operator } from './operator.ts'
import { referenceOf } from './reference.ts'
import { strictBinaryResidual } from './strict.ts'
import { areDisjoint, BOOL } from './type-of.ts'

/** `equal` is what the operator says of equal values. */
export function equalityOperator(equal: boolean): Operator<Binary> {
  return {
    compile(node, compile) {
      const reference = referenceOf(node.right)
      if (reference !== undefined) return compareReference(node.left, reference, equal, compile)
      const mirrored = referenceOf(node.left)
      if (mirrored !== undefined) return compareReference(node.right, mirrored, equal, compile)
      const left = compile(node.left)
      const right = compile(node.right)
      return (evaluation) => {
        const leftValue = left(evaluation)
        if (typeof leftValue !== 'object') {
          const rightValue = right(evaluation)
          return isFault(rightValue) ? rightValue : (leftValue === rightValue) === equal
        }
        if (leftValue.kind === 'fault') return leftValue
        const rightValue = right(evaluation)
        if (typeof rightValue !== 'object') return !equal
        if (rightValue.kind === 'fault') return rightValue
        if (leftValue.kind !== 'entity') return valueEquals(leftValue, rightValue) === equal
        return (rightValue.kind === 'entity' && sameEntity(leftValue, rightValue)) === equal
      }
    },
    residual(node, partial) {
      const result = strictBinaryResidual(node, partial)
      if (result.kind !== node.kind || !('left' in result)) return result
      const { left, right, span } = result
      const differ = areDisjoint(left, right, partial) && partial.neverErrs(left) && partial.neverErrs(right)
      return differ ? { kind: 'literal', value: !equal, span } : result
    },
    typeOf: () => BOOL,
    neverErrs: ({ left, right }, prove) => prove.neverErrs(left) && prove.neverErrs(right),
  }
}

function compareReference(
  node: Expression,
  reference: (evaluation: Evaluation) => EntityUid,
  equal: boolean,
  compile: Compile,
): Evaluate {
  const operand = compile(node)
  return (evaluation) => {
    const value = operand(evaluation)
    if (typeof value !== 'object') return !equal
    if (value.kind === 'fault') return value
    if (value.kind !== 'entity') return !equal
    const uid = reference(evaluation)
    return (value.id === uid.id && value.type === uid.type) === equal
  }
}
