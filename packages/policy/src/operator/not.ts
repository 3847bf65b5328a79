// `!x` for a Bool.

import type { Unary } from '../syntax/tree.ts'
import { isFault } from './fault.ts'
import { compileLogic, notFault } from './logic-closure.ts'
import type { Operator } from './operator.ts'
import { BOOL, isBoolean } from './type-of.ts'

export const notOperator: Operator<Unary> = {
  compile(node, compile) {
    // one step less for what an `unless` mostly says
    if (node.operand.kind === 'equal') return compile({ ...node.operand, kind: 'notEqual' })
    if (node.operand.kind === 'and' || node.operand.kind === 'or') return compileLogic(node.operand, true, compile)
    const operand = compile(node.operand)
    const fault = notFault(node)
    return (evaluation) => {
      const value = operand(evaluation)
      if (typeof value === 'boolean') return !value
      return isFault(value) ? value : fault
    }
  },
  residual(node, partial) {
    const operand = partial.condition(node.operand)
    if (operand.kind === 'fault') return operand
    const result = { ...node, operand }
    return operand.kind === 'literal' ? partial.evaluate(result) : result
  },
  focus(node, wanted, focus) {
    const operand = focus(node.operand, !wanted)
    return operand.kind === 'literal' ? { ...operand, value: operand.value !== true } : { ...node, operand }
  },
  typeOf: () => BOOL,
  neverErrs: ({ operand }, prove) => isBoolean(operand, prove) && prove.neverErrs(operand),
}
