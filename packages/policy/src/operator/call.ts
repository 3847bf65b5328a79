// Calls of extension functions and methods. The functions are in `extension/`; here only their arguments are evaluated.

import type { Call, Fault } from '../syntax/tree.ts'
import { isInRange } from '../value/ip.ts'
import type { IpValue, Value } from '../value/value.ts'
import { extensions } from './extension/table.ts'
import { isFault, makeFault, typeFault } from './fault.ts'
import type { Result } from './fault.ts'
import type { Evaluate, Operator } from './operator.ts'
import { readAttribute, requestAttribute } from './request-attribute.ts'
import { finish } from './strict.ts'

export const callOperator: Operator<Call> = {
  compile(node, compile): Evaluate {
    const { arity, prepare } = extensions[node.function]
    const values = node.arguments.map(compile)
    const [first, second] = values
    const apply = prepare(node)
    if (values.length === 1 && arity === 1 && first !== undefined) {
      return (evaluation) => {
        const value = first(evaluation)
        return isFault(value) ? value : apply(value, value)
      }
    }
    if (values.length === 2 && arity === 2 && first !== undefined && second !== undefined) {
      if (node.function === 'isInRange') return compileIsInRange(node, first, second)
      return (evaluation) => {
        const left = first(evaluation)
        if (isFault(left)) return left
        const right = second(evaluation)
        return isFault(right) ? right : apply(left, right)
      }
    }
    const fault = arityFault(node)
    return (evaluation) => {
      for (const value of values) {
        const result = value(evaluation)
        if (isFault(result)) return result
      }
      return fault
    }
  },
  residual(node, partial) {
    const values = node.arguments.map(partial.residual)
    return finish({ ...node, arguments: values }, values, partial)
  },
  typeOf: (node) => ({ type: extensions[node.function].result }),
  neverErrs(node, prove) {
    const { total, arity } = extensions[node.function]
    if (total === undefined || node.arguments.length !== arity) return false
    return node.arguments.every((value, at) => prove.typeOf(value)?.type === total[at] && prove.neverErrs(value))
  },
}

export function arityFault(node: Call): Fault {
  const { arity, isMethod } = extensions[node.function]
  const expected = isMethod ? arity - 1 : arity
  const message = `\`${node.function}\` takes ${expected === 1 ? 'one argument' : 'no arguments'}`
  return makeFault('ERR_POLICY_EVALUATION_ARITY', message, node)
}

/** The call that most policies with addresses make: without the step to its function, and mostly without those to its operands. */
function compileIsInRange(node: Call, first: Evaluate, second: Evaluate): Evaluate {
  const fault = isInRangeFault(node)
  const [inner, outer] = node.arguments.map(requestAttribute)
  if (inner !== undefined && outer !== undefined) {
    return (evaluation) => inRange(readAttribute(inner, evaluation), readAttribute(outer, evaluation), fault)
  }
  return (evaluation) => inRange(first(evaluation), second(evaluation), fault)
}

function inRange(inner: Result, outer: Result, fault: Fault): Result {
  if (isFault(inner)) return inner
  if (isFault(outer)) return outer
  return isIp(inner) && isIp(outer) ? isInRange(inner, outer) : fault
}

export function isInRangeFault(node: Call): Fault {
  return typeFault('`isInRange` takes a `ipaddr` and a `ipaddr`', node)
}

function isIp(value: Value): value is IpValue {
  return typeof value === 'object' && value.kind === 'ipaddr'
}
