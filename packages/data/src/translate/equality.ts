// `==` and `!=`. They err only where an operand does; values of different types are unequal.

import { isLong, valueEquals } from '@cardea/policy'
import type { Expression, Value } from '@cardea/policy'
import type { Dialect, Pair } from '../sql/dialect.ts'
import { all, FALSE, fragment, test } from '../sql/fragment.ts'
import type { Fragment } from '../sql/fragment.ts'
import { longParameter } from '../sql/parameters.ts'
import { condition, testOf, UNDECIDED } from './operand.ts'
import type { ColumnOperand, Operand } from './operand.ts'
import { truthWhereThere } from './reading.ts'
import type { Translate, Translation } from './translation.ts'
import { ALWAYS, FAULT, NEVER, not, same } from './truth.ts'
import type { Truth } from './truth.ts'

export const translateEqual: Translate<'equal'> = (node, translation) =>
  condition(equalTo(translation.operand(node.left), translation.operand(node.right), node, translation))

export const translateNotEqual: Translate<'notEqual'> = (node, translation) =>
  condition(not(equalTo(translation.operand(node.left), translation.operand(node.right), node, translation)))

/** Two operands are equal. */
export function equalTo(left: Operand, right: Operand, node: Expression, translation: Translation): Truth {
  if (left.kind === 'fault' || right.kind === 'fault') return FAULT
  if (left.kind === 'list' || right.kind === 'list') return refused(node, translation)
  const leftTruth = booleanOf(left, translation)
  const rightTruth = booleanOf(right, translation)
  if (leftTruth !== undefined && rightTruth !== undefined) return same(leftTruth, rightTruth)
  if (left.kind === 'known' && right.kind === 'known') {
    if (left.value === undefined || right.value === undefined) return UNDECIDED
    return valueEquals(left.value, right.value) ? ALWAYS : NEVER
  }
  if (left.kind === 'condition' || right.kind === 'condition') return refused(node, translation)
  if (left.kind === 'column') {
    return right.kind === 'column'
      ? columnsEqual(left, right, node, translation)
      : columnEquals(left, right.value, node, translation)
  }
  return right.kind === 'column' ? columnEquals(right, left.value, node, translation) : UNDECIDED
}

/** The outcome of an operand that is a Bool; `undefined` for any other. */
export function booleanOf(operand: Operand, { dialect }: Translation): Truth | undefined {
  switch (operand.kind) {
    case 'condition':
      return operand.truth
    case 'known':
      if (typeof operand.value === 'boolean') return operand.value ? ALWAYS : NEVER
      return operand.value === undefined ? UNDECIDED : undefined
    case 'column': {
      if (operand.type.type !== 'Bool') return undefined
      const { column } = operand
      return testOf({ whenTrue: dialect.isBoolean(column, true), whenFalse: dialect.isBoolean(column, false) }, operand)
    }
    case 'list':
    case 'fault':
      return undefined
    default:
      return operand satisfies never
  }
}

function columnEquals(
  operand: ColumnOperand,
  value: Value | undefined,
  node: Expression,
  translation: Translation,
): Truth {
  const { dialect } = translation
  const { column, type } = operand
  switch (type.type) {
    case 'String':
      if (value === undefined) return UNDECIDED
      return typeof value === 'string'
        ? testOf(dialect.textIsIn(column, [value]), operand)
        : unequal(operand, translation)
    case 'Long':
      if (value === undefined) return UNDECIDED
      return isLong(value) ? testOf(dialect.longIsIn(column, [value]), operand) : unequal(operand, translation)
    case 'Entity':
      if (value === undefined) return UNDECIDED
      return typeof value === 'object' && value.kind === 'entity' && value.type === type.name
        ? testOf(dialect.textIsIn(column, [value.id]), operand)
        : unequal(operand, translation)
    case 'datetime':
      if (value === undefined) return UNDECIDED
      if (typeof value !== 'object' || value.kind !== 'datetime') return unequal(operand, translation)
      return testOf(
        sameInteger(dialect.integerOf(column, 'datetime'), fragment`${longParameter(value.milliseconds)}`),
        operand,
      )
    case 'Bool':
      return unequal(operand, translation)
    case 'Set':
    case 'Record':
    case 'decimal':
    case 'ipaddr':
    case 'duration':
      return refused(node, translation)
    default:
      return type satisfies never
  }
}

function columnsEqual(left: ColumnOperand, right: ColumnOperand, node: Expression, translation: Translation): Truth {
  const { dialect } = translation
  if (!isScalar(left) || !isScalar(right)) return refused(node, translation)
  const never: Pair = {
    whenTrue: FALSE,
    whenFalse: all(dialect.isPresent(left.column), dialect.isPresent(right.column)),
  }
  return testOf(sameType(left, right, dialect) ?? never, left, right)
}

/** `undefined` for columns of different types, which are never equal. */
function sameType(left: ColumnOperand, right: ColumnOperand, dialect: Dialect): Pair | undefined {
  const { type } = left.type
  if (type !== right.type.type) return undefined
  if (type === 'Long' || type === 'datetime') {
    return sameInteger(dialect.integerOf(left.column, type), dialect.integerOf(right.column, type))
  }
  if (left.type.type === 'Entity' && right.type.type === 'Entity' && left.type.name !== right.type.name)
    return undefined
  return dialect.textsAreEqual(left.column, right.column)
}

function isScalar({ type: { type } }: ColumnOperand): boolean {
  return type === 'String' || type === 'Long' || type === 'Entity' || type === 'Bool' || type === 'datetime'
}

function sameInteger(left: Fragment, right: Fragment): Pair {
  return { whenTrue: test`${left} = ${right}`, whenFalse: test`${left} <> ${right}` }
}

function unequal(operand: ColumnOperand, translation: Translation): Truth {
  return truthWhereThere(operand, false, translation)
}

function refused(node: Expression, translation: Translation): Truth {
  translation.refuse(
    node,
    'ERR_DATA_UNSUPPORTED',
    'this comparison with a set, a record or an extension value of the row has no exact query',
  )
  return UNDECIDED
}
