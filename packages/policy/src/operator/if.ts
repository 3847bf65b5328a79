// `if test then a else b`. Only the branch taken is evaluated.

import type { Expression, Fault, If } from '../syntax/tree.ts'
import { isFault, typeFault } from './fault.ts'
import type { Operator } from './operator.ts'
import { commonType, isBoolean } from './type-of.ts'

export const ifOperator: Operator<If> = {
  compile(node, compile) {
    const test = compile(node.test)
    const then = compile(node.then)
    const otherwise = compile(node.else)
    const fault = ifFault(node)
    return (evaluation) => {
      const value = test(evaluation)
      if (value === true) return then(evaluation)
      if (value === false) return otherwise(evaluation)
      return isFault(value) ? value : fault
    }
  },
  residual(node, partial): Expression {
    const test = partial.condition(node.test)
    if (test.kind === 'fault') return test
    if (test.kind !== 'literal') {
      return { ...node, test, then: partial.residual(node.then), else: partial.residual(node.else) }
    }
    if (typeof test.value !== 'boolean') return ifFault(node)
    return partial.residual(test.value ? node.then : node.else)
  },
  focus(node, wanted, focus): Expression {
    const then = focus(node.then, wanted)
    const otherwise = focus(node.else, wanted)
    const isHopeless = [then, otherwise].every((branch) => branch.kind === 'literal' && branch.value !== wanted)
    return isHopeless ? then : { ...node, then, else: otherwise }
  },
  typeOf: (node, prove) => commonType([prove.typeOf(node.then), prove.typeOf(node.else)]),
  neverErrs: ({ test, then, else: otherwise }, prove) =>
    isBoolean(test, prove) &&
    prove.neverErrs(test) &&
    prove.assuming(test, true).neverErrs(then) &&
    prove.assuming(test, false).neverErrs(otherwise),
}

export function ifFault(node: If): Fault {
  return typeFault('the test of `if` is not a Bool', node)
}
