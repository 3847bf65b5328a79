// Operators that evaluate all their operands, left to right, and then apply a function to the values. A fault of an operand is
// the fault of the whole, so their residual is mechanical: a faulty operand makes a fault, literals are evaluated.

import type { TypeDefinition } from '../schema/definition.ts'
import type { Binary, Expression, Fault, Unary } from '../syntax/tree.ts'
import type { Value } from '../value/value.ts'
import { isFault } from './fault.ts'
import type { Result } from './fault.ts'
import type { Operator, PartialEvaluation, Proof } from './operator.ts'

interface Traits {
  readonly type: TypeDefinition
  /** True when these operands, if they have values, make it err never. Without this it may err on any. */
  readonly accepts?: (prove: Proof, left: Expression, right: Expression) => boolean
}

/** An operator that is nothing but a function of its operands' values. `prepare` makes the faults of one node. */
export interface StrictUnary extends Operator<Unary> {
  readonly prepare: (node: Unary) => (operand: Value) => Result
}

export interface StrictBinary extends Operator<Binary> {
  readonly prepare: (node: Binary) => (left: Value, right: Value) => Result
}

export function strictUnary(traits: Traits, prepare: StrictUnary['prepare']): StrictUnary {
  return {
    prepare,
    compile(node, compile) {
      const apply = prepare(node)
      const operand = compile(node.operand)
      return (evaluation) => {
        const value = operand(evaluation)
        return isFault(value) ? value : apply(value)
      }
    },
    residual(node, partial) {
      const operand = partial.residual(node.operand)
      return finish({ ...node, operand }, [operand], partial)
    },
    typeOf: () => traits.type,
    neverErrs: ({ operand }, prove) => traits.accepts?.(prove, operand, operand) === true && prove.neverErrs(operand),
  }
}

export function strictBinary(traits: Traits, prepare: StrictBinary['prepare']): StrictBinary {
  return {
    prepare,
    compile(node, compile) {
      const apply = prepare(node)
      const left = compile(node.left)
      const right = compile(node.right)
      return (evaluation) => {
        const leftValue = left(evaluation)
        if (isFault(leftValue)) return leftValue
        const rightValue = right(evaluation)
        return isFault(rightValue) ? rightValue : apply(leftValue, rightValue)
      }
    },
    residual: strictBinaryResidual,
    typeOf: () => traits.type,
    neverErrs: ({ left, right }, prove) =>
      traits.accepts?.(prove, left, right) === true && prove.neverErrs(left) && prove.neverErrs(right),
  }
}

export function strictBinaryResidual(node: Binary, partial: PartialEvaluation): Expression {
  const left = partial.residual(node.left)
  const right = partial.residual(node.right)
  return finish({ ...node, left, right }, [left, right], partial)
}

/** The rule of all strict operators, for a node that already has its residual operands. */
export function finish(node: Expression, operands: readonly Expression[], partial: PartialEvaluation): Expression {
  const fault = operands.find((operand): operand is Fault => operand.kind === 'fault')
  if (fault !== undefined) return fault
  return operands.every((operand) => operand.kind === 'literal') ? partial.evaluate(node) : node
}
