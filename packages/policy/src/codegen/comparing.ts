// `==`, `!=`, `in`, `is`, and the order of Longs, datetimes and durations.

import { inFaults } from '../operator/in.ts'
import { isOperatorFault } from '../operator/is.ts'
import type { StrictBinary } from '../operator/strict.ts'
import type { Binary, Expression, Fault, Is } from '../syntax/tree.ts'
import type { EntityUid } from '../value/value.ts'
import type { Emit, Emitter, Operand } from './emitter.ts'
import { define } from './logic.ts'
import { entityOf, passFault, requireEntity } from './reading.ts'

/** `equal` is what the operator says of equal values. */
export function emitEquality(equal: boolean) {
  return (node: Binary, emitter: Emitter, emit: Emit): Operand => {
    const left = emit(node.left)
    const right = emit(node.right)
    const code = equalityCode(node, left, right)
    return define(equal ? code : `!(${code})`, 'Bool', emitter)
  }
}

function equalityCode(node: Binary, left: Operand, right: Operand): string {
  if (left.known === 'Entity' || right.known === 'Entity') {
    const [known, other] = right.known === 'Entity' ? [right.code, left] : [left.code, right]
    const same = `${other.code}.id === ${known}.id && ${other.code}.type === ${known}.type`
    return other.known === 'Entity'
      ? same
      : `typeof ${other.code} === 'object' && ${other.code}.kind === 'entity' && ${same}`
  }
  if (isPrimitive(node.left) || isPrimitive(node.right)) return `${left.code} === ${right.code}`
  // most are references
  const [a, b] = [left.code, right.code]
  const references = `typeof ${a} === 'object' && typeof ${b} === 'object' && ${a}.kind === 'entity' && ${b}.kind === 'entity'`
  const same = `${a}.id === ${b}.id && ${a}.type === ${b}.type`
  return `(${a} === ${b} || (${references} ? ${same} : h.valueEquals(${a}, ${b})))`
}

function isPrimitive(node: Expression): boolean {
  return node.kind === 'literal' && typeof node.value !== 'object'
}

export function emitIn(node: Binary, emitter: Emitter, emit: Emit): Operand {
  const left = emit(node.left)
  const holder = literalEntity(node.right)
  if (left.known === 'Entity' && holder !== undefined) {
    const entity = entityOf(node.left)?.found ?? `h.findEntity(e, ${left.code})`
    const other = emitter.constant(holder)
    const same = `(${left.code}.id === ${other}.id && ${left.code}.type === ${other}.type)`
    return define(`${same} || h.hasAncestor(${entity}, ${other})`, 'Bool', emitter)
  }
  const right = emit(node.right)
  const faults = inFaults(node)
  if (left.known !== 'Entity') requireEntity(left.code, emitter.fail(faults.left), emitter)
  return emitMembership(left.code, right.code, faults.right, emitter)
}

export function emitIs(node: Is, emitter: Emitter, emit: Emit): Operand {
  const operand = emit(node.of)
  if (operand.known !== 'Entity') requireEntity(operand.code, emitter.fail(isOperatorFault(node)), emitter)
  const isType = `${operand.code}.type === ${emitter.constant(node.type)}`
  if (node.in === undefined) return define(isType, 'Bool', emitter)
  const result = emitter.variable()
  emitter.line(`let ${result} = ${isType};`)
  emitter.line(`if (${result}) {`)
  const holder = emit(node.in)
  emitter.line(`${result} = ${emitMembership(operand.code, holder.code, inFaults(node).right, emitter).code};`)
  emitter.line('}')
  return { code: result, known: 'Bool' }
}

function emitMembership(member: string, holder: string, fault: Fault, emitter: Emitter): Operand {
  const result = define(`h.isMember(e, ${member}, ${holder})`, 'Bool', emitter)
  emitter.line(`if (${result.code} === undefined) ${emitter.fail(fault)}`)
  return result
}

/** Two small numbers are compared at once; all else by the operator itself. */
export function emitOrder(sign: '<' | '<=' | '>' | '>=', { prepare }: StrictBinary) {
  return (node: Binary, emitter: Emitter, emit: Emit): Operand => {
    const left = emit(node.left)
    const right = emit(node.right)
    const result = emitter.variable()
    emitter.line(`let ${result};`)
    emitter.line(`if (typeof ${left.code} === 'number' && typeof ${right.code} === 'number') {`)
    emitter.line(`${result} = ${left.code} ${sign} ${right.code};`)
    emitter.line('} else {')
    emitter.line(`${result} = ${emitter.constant(prepare(node))}(${left.code}, ${right.code});`)
    passFault({ code: result, known: 'any' }, emitter)
    emitter.line('}')
    return { code: result, known: 'Bool' }
  }
}

function literalEntity(node: Expression): EntityUid | undefined {
  if (node.kind !== 'literal') return undefined
  const { value } = node
  return typeof value === 'object' && value.kind === 'entity' ? value : undefined
}
