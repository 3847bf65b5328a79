// Operators that are a function of their operands' values, and what puts values together: sets and records.

import { arityFault, isInRangeFault } from '../operator/call.ts'
import { extensions } from '../operator/extension/table.ts'
import { compilePattern, likeFault } from '../operator/like.ts'
import type { StrictBinary, StrictUnary } from '../operator/strict.ts'
import type { Binary, Call, Like, RecordLiteral, SetLiteral, Unary } from '../syntax/tree.ts'
import type { Emit, Emitter, Known, Operand } from './emitter.ts'
import { define } from './logic.ts'
import { passFault } from './reading.ts'

export function emitUnary({ prepare }: StrictUnary, known: Known) {
  return (node: Unary, emitter: Emitter, emit: Emit): Operand =>
    apply(emitter.constant(prepare(node)), [emit(node.operand)], known, emitter)
}

export function emitBinary({ prepare }: StrictBinary, known: Known) {
  return (node: Binary, emitter: Emitter, emit: Emit): Operand => {
    const operands = [emit(node.left), emit(node.right)]
    return apply(emitter.constant(prepare(node)), operands, known, emitter)
  }
}

export function emitCall(node: Call, emitter: Emitter, emit: Emit): Operand {
  const { arity, result, prepare } = extensions[node.function]
  const operands = node.arguments.map(emit)
  if (operands.length !== arity) {
    emitter.line(emitter.fail(arityFault(node)))
    return { code: 'false', known: 'Bool' }
  }
  if (node.function === 'isInRange') return emitIsInRange(node, operands, emitter)
  const [first, second = first] = operands
  const values = [first, second].filter((operand) => operand !== undefined)
  return apply(emitter.constant(prepare(node)), values, result === 'Bool' ? 'Bool' : 'any', emitter)
}

/** The call that most policies with addresses make. */
function emitIsInRange(node: Call, operands: readonly Operand[], emitter: Emitter): Operand {
  const codes = operands.map(({ code }) => code)
  const wrong = codes.map((code) => `typeof ${code} !== 'object' || ${code}.kind !== 'ipaddr'`).join(' || ')
  emitter.line(`if (${wrong}) ${emitter.fail(isInRangeFault(node))}`)
  const [inner = '', outer = ''] = codes
  // a shift by 32 would be one by 0
  const isPlain = `${inner}.family === 4 && ${outer}.family === 4 && ${outer}.prefix > 0`
  const bits = `(${inner}.address ^ ${outer}.address) >>> (32 - ${outer}.prefix) === 0`
  const isIn = `${inner}.prefix >= ${outer}.prefix && ${bits}`
  return define(`${isPlain} ? ${isIn} : h.isInRange(${inner}, ${outer})`, 'Bool', emitter)
}

export function emitLike(node: Like, emitter: Emitter, emit: Emit): Operand {
  const { code, known } = emit(node.of)
  if (known !== 'String') emitter.line(`if (typeof ${code} !== 'string') ${emitter.fail(likeFault(node))}`)
  return define(`${emitter.constant(compilePattern(node.pattern))}(${code})`, 'Bool', emitter)
}

export function emitSet(node: SetLiteral, emitter: Emitter, emit: Emit): Operand {
  const elements = node.elements.map((element) => emit(element).code)
  return define(`h.setValue([${elements.join(', ')}])`, 'Set', emitter)
}

export function emitRecord(node: RecordLiteral, emitter: Emitter, emit: Emit): Operand {
  const fields = [...node.fields].map(([name, field]) => `[${emitter.constant(name)}, ${emit(field).code}]`)
  return define(`h.recordValue([${fields.join(', ')}])`, 'any', emitter)
}

function apply(fn: string, operands: readonly Operand[], known: Known, emitter: Emitter): Operand {
  const result = define(`${fn}(${operands.map(({ code }) => code).join(', ')})`, known, emitter)
  passFault(result, emitter)
  return result
}
