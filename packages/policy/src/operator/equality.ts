// The twins `==` and `!=`. They never err by themselves: values of different types are unequal.

import type { Binary, Expression } from '../syntax/tree.ts'
import { sameEntity } from '../entity/uid.ts'
import { valueEquals } from '../value/equality.ts'
import type { EntityUid } from '../value/value.ts'
import type { Evaluation } from './evaluation.ts'
import { isFault } from './fault.ts'
import type { Result } from './fault.ts'
import type { Compile, Evaluate, Operator } from './operator.ts'
import { referenceOf } from './reference.ts'
import { readAttribute, requestAttribute } from './request-attribute.ts'
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
      const near = requestAttribute(node.left)
      const other = requestAttribute(node.right)
      if (near !== undefined && other !== undefined) {
        return (evaluation) => compare(readAttribute(near, evaluation), readAttribute(other, evaluation), equal)
      }
      const left = compile(node.left)
      const right = compile(node.right)
      return (evaluation) => compare(left(evaluation), right(evaluation), equal)
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

/** Both sides are evaluated, and of two faults the left one counts. */
function compare(left: Result, right: Result, equal: boolean): Result {
  if (typeof left !== 'object') return isFault(right) ? right : (left === right) === equal
  if (left.kind === 'fault') return left
  if (typeof right !== 'object') return !equal
  if (right.kind === 'fault') return right
  if (left.kind !== 'entity') return valueEquals(left, right) === equal
  return (right.kind === 'entity' && sameEntity(left, right)) === equal
}

function compareReference(
  node: Expression,
  reference: (evaluation: Evaluation) => EntityUid,
  equal: boolean,
  compile: Compile,
): Evaluate {
  const near = requestAttribute(node)
  if (near !== undefined) {
    return (evaluation) => compareUid(readAttribute(near, evaluation), reference(evaluation), equal)
  }
  const operand = compile(node)
  return (evaluation) => compareUid(operand(evaluation), reference(evaluation), equal)
}

function compareUid(value: Result, uid: EntityUid, equal: boolean): Result {
  if (typeof value !== 'object') return !equal
  if (value.kind === 'fault') return value
  return (value.kind === 'entity' && sameEntity(value, uid)) === equal
}
