// Reads an expression in a draft, and sets what it reads so that it has a value. Only to find requests worth asking: what a policy says
// of them is decided by the program alone, so an expression that is not understood here costs a chance and nothing else.

import { type Binary, type Expression, recordValue, setValue, type Value } from '@cardea/policy'
import type { Draft } from './draft.ts'
import { shifted } from './near.ts'
import { constantOf } from './vocabulary.ts'

/** The value of simple expressions: constants, variables, attributes, tags, sets, times apart. */
export function peek(expression: Expression, draft: Draft): Value | undefined {
  const constant = constantOf(expression)
  if (constant !== undefined && expression.kind !== 'like') return constant
  switch (expression.kind) {
    case 'variable':
      return expression.name === 'context' ? recordValue(draft.context) : variable(expression.name, draft)
    case 'attribute': {
      const of = peek(expression.of, draft)
      if (typeof of !== 'object') return undefined
      if (of.kind === 'record') return of.fields.get(expression.name)
      return of.kind === 'entity' ? draft.ensure(of)?.attributes.get(expression.name) : undefined
    }
    case 'getTag': {
      const [of, name] = [peek(expression.left, draft), peek(expression.right, draft)]
      return typeof of === 'object' && of.kind === 'entity' && typeof name === 'string'
        ? draft.ensure(of)?.tags.get(name)
        : undefined
    }
    case 'add':
    case 'subtract':
    case 'multiply': {
      const [left, right] = [peek(expression.left, draft), peek(expression.right, draft)]
      if (!isLong(left) || !isLong(right)) return undefined
      const [a, b] = [BigInt(left), BigInt(right)]
      return shifted(0, expression.kind === 'add' ? a + b : expression.kind === 'subtract' ? a - b : a * b)
    }
    case 'set': {
      const elements = expression.elements.map((element) => peek(element, draft))
      return setValue(elements.flatMap((element) => element ?? []))
    }
    case 'call': {
      const [left, right] = expression.arguments.map((argument) => peek(argument, draft))
      if (isTime(left) && expression.function === 'toTime')
        return { kind: 'duration', milliseconds: modulo(left.milliseconds, DAY) }
      if (typeof left !== 'object' || left.kind !== 'datetime' || typeof right !== 'object') return undefined
      if (expression.function === 'durationSince' && right.kind === 'datetime')
        return { kind: 'duration', milliseconds: left.milliseconds - right.milliseconds }
      if (expression.function === 'offset' && right.kind === 'duration') return shifted(left, right.milliseconds)
      return undefined
    }
    default:
      return undefined
  }
}

function variable(name: 'principal' | 'action' | 'resource', draft: Draft): Value | undefined {
  return name === 'action' ? undefined : draft[name]
}

/** Makes the expression have the value, as far as the schema has a place for it. False when that is not possible. */
export function assign(expression: Expression, value: Value, draft: Draft): boolean {
  switch (expression.kind) {
    case 'variable':
      return assignVariable(expression.name, value, draft)
    case 'attribute':
      return assignAttribute(expression, value, draft)
    case 'getTag': {
      const [of, name] = [peek(expression.left, draft), peek(expression.right, draft)]
      if (typeof of !== 'object' || of.kind !== 'entity' || typeof name !== 'string') return false
      if (draft.tagType(of) === undefined) return false
      draft.ensure(of)?.tags.set(name, value)
      return true
    }
    case 'negate':
      return isLong(value) && assignNegated(expression.operand, value, draft)
    case 'add':
    case 'subtract':
      return assignSum(expression, value, draft)
    case 'multiply':
      return assignFactor(expression.left, expression.right, value, draft)
    case 'call':
      return assignCall(expression, value, draft)
    default:
      return false
  }
}

function assignVariable(name: 'principal' | 'action' | 'resource' | 'context', value: Value, draft: Draft): boolean {
  if (typeof value !== 'object' || name === 'action') return false
  if (name !== 'context') return value.kind === 'entity' && draft.become(name, value)
  if (value.kind !== 'record') return false
  draft.context.clear()
  for (const [field, inner] of value.fields) draft.context.set(field, inner)
  return true
}

function assignAttribute(
  { of, name }: Extract<Expression, { readonly kind: 'attribute' }>,
  value: Value,
  draft: Draft,
): boolean {
  const owner = peek(of, draft)
  if (typeof owner !== 'object') return false
  if (owner.kind === 'record') return assign(of, recordValue(new Map(owner.fields).set(name, value)), draft)
  if (owner.kind !== 'entity' || !Object.hasOwn(draft.attributeTypes(owner), name)) return false
  const entity = draft.ensure(owner)
  if (typeof value === 'object' && value.kind === 'entity') draft.ensure(value)
  entity?.attributes.set(name, value)
  return entity !== undefined
}

function assignNegated(operand: Expression, value: number | bigint, draft: Draft): boolean {
  const wanted = shifted(0, -BigInt(value))
  return wanted !== undefined && assign(operand, wanted, draft)
}

function assignSum({ kind, left, right }: Binary, value: Value, draft: Draft): boolean {
  const [first, second] = [peek(left, draft), peek(right, draft)]
  if (!isLong(value)) return false
  const sign = kind === 'add' ? 1n : -1n
  if (isLong(second)) {
    const wanted = shifted(value, -sign * BigInt(second))
    if (wanted !== undefined && assign(left, wanted, draft)) return true
  }
  if (!isLong(first)) return false
  const wanted = shifted(0, sign * (BigInt(value) - BigInt(first)))
  return wanted !== undefined && assign(right, wanted, draft)
}

/** As near as whole numbers come. */
function assignFactor(left: Expression, right: Expression, value: Value, draft: Draft): boolean {
  const divided = (by: Value | undefined): Value | undefined =>
    isLong(value) && isLong(by) && BigInt(by) !== 0n ? shifted(0, BigInt(value) / BigInt(by)) : undefined
  const [first, second] = [divided(peek(right, draft)), divided(peek(left, draft))]
  return (first !== undefined && assign(left, first, draft)) || (second !== undefined && assign(right, second, draft))
}

const DAY = 86_400_000n
const UNIT_MILLISECONDS: Readonly<Record<string, bigint>> = {
  toMilliseconds: 1n,
  toSeconds: 1000n,
  toMinutes: 60_000n,
  toHours: 3_600_000n,
  toDays: DAY,
}

function assignCall(
  { function: called, arguments: operands }: Extract<Expression, { readonly kind: 'call' }>,
  value: Value,
  draft: Draft,
): boolean {
  const [left, right] = operands
  if (left === undefined) return false
  const unit = UNIT_MILLISECONDS[called]
  if (unit !== undefined) {
    return isLong(value) && assign(left, { kind: 'duration', milliseconds: BigInt(value) * unit }, draft)
  }
  if (typeof value !== 'object') return false
  if (called === 'toTime') {
    const time = peek(left, draft)
    if (!isTime(time) || value.kind !== 'duration') return false
    const midnight = time.milliseconds - modulo(time.milliseconds, DAY)
    return assign(left, { kind: 'datetime', milliseconds: midnight + value.milliseconds }, draft)
  }
  if (right === undefined) return false
  const [first, second] = [peek(left, draft), peek(right, draft)]
  if (called === 'durationSince' && value.kind === 'duration') {
    return (
      (isTime(first) && assign(right, { ...first, milliseconds: first.milliseconds - value.milliseconds }, draft)) ||
      (isTime(second) && assign(left, { ...second, milliseconds: second.milliseconds + value.milliseconds }, draft))
    )
  }
  if (called !== 'offset' || value.kind !== 'datetime') return false
  const length = typeof second === 'object' && second.kind === 'duration' ? second.milliseconds : 0n
  return assign(left, { kind: 'datetime', milliseconds: value.milliseconds - length }, draft)
}

/** Never below zero, also of times before 1970. */
function modulo(left: bigint, right: bigint): bigint {
  return ((left % right) + right) % right
}

function isTime(value: Value | undefined): value is Extract<Value, { readonly kind: 'datetime' }> {
  return typeof value === 'object' && value.kind === 'datetime'
}

function isLong(value: Value | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
