// `&&`, `||`, `!` and `if`: only what decides is evaluated.

import { ifFault } from '../operator/if.ts'
import { logicFault, notFault } from '../operator/logic-closure.ts'
import type { Binary, Fault, If, Unary } from '../syntax/tree.ts'
import type { Emit, Emitter, Operand } from './emitter.ts'

/** Leaves the code if the operand is no Bool. */
export function requireBool(operand: Operand, fault: Fault, emitter: Emitter): void {
  if (operand.known !== 'Bool') emitter.line(`if (typeof ${operand.code} !== 'boolean') ${emitter.fail(fault)}`)
}

/** `decisive` is the value of the left side that decides. */
export function emitLogic(decisive: boolean) {
  return (node: Binary, emitter: Emitter, emit: Emit): Operand => {
    const fault = logicFault(node)
    const left = emit(node.left)
    requireBool(left, fault, emitter)
    const result = emitter.variable()
    emitter.line(`let ${result} = ${left.code};`)
    emitter.line(`if (${decisive ? '!' : ''}${result}) {`)
    const right = emit(node.right)
    requireBool(right, fault, emitter)
    emitter.line(`${result} = ${right.code};`)
    emitter.line('}')
    return { code: result, known: 'Bool' }
  }
}

export function emitNot(node: Unary, emitter: Emitter, emit: Emit): Operand {
  const operand = emit(node.operand)
  requireBool(operand, notFault(node), emitter)
  return define(`!${operand.code}`, 'Bool', emitter)
}

export function emitIf(node: If, emitter: Emitter, emit: Emit): Operand {
  const test = emit(node.test)
  requireBool(test, ifFault(node), emitter)
  const result = emitter.variable()
  emitter.line(`let ${result};`)
  emitter.line(`if (${test.code}) {`)
  const then = emit(node.then)
  emitter.line(`${result} = ${then.code};`)
  emitter.line('} else {')
  const otherwise = emit(node.else)
  emitter.line(`${result} = ${otherwise.code};`)
  emitter.line('}')
  return { code: result, known: then.known === otherwise.known ? then.known : 'any' }
}

/** A value that is computed once. */
export function define(code: string, known: Operand['known'], emitter: Emitter): Operand {
  const name = emitter.variable()
  emitter.line(`const ${name} = ${code};`)
  return { code: name, known }
}
