// `<`, `<=`, `>` and `>=`: two Longs, two datetimes or two durations. Any other pair of types is an error in Cedar.

import { isLong } from '@cardea/policy'
import type { Binary } from '@cardea/policy'
import type { Pair } from '../sql/dialect.ts'
import { fragment, test } from '../sql/fragment.ts'
import type { Fragment } from '../sql/fragment.ts'
import { longParameter } from '../sql/parameters.ts'
import { condition, FAULT_OPERAND, testOf, UNDECIDED } from './operand.ts'
import type { ColumnOperand, Operand } from './operand.ts'
import { constantPart } from './reading.ts'
import type { Translate, Translation } from './translation.ts'

export const translateLess: Translate<'less'> = (node, translation) => ordered('<', node, translation)
export const translateLessEqual: Translate<'lessEqual'> = (node, translation) => ordered('<=', node, translation)
export const translateGreater: Translate<'greater'> = (node, translation) => ordered('>', node, translation)
export const translateGreaterEqual: Translate<'greaterEqual'> = (node, translation) => ordered('>=', node, translation)

/** What is compared: an integer of the row or of the request. */
type Side = { readonly integer: Fragment; readonly type: OrderedType; readonly columns: readonly ColumnOperand[] }
type OrderedType = 'Long' | 'datetime'
type Comparison = '<' | '<=' | '>' | '>='

function ordered(comparison: Comparison, node: Binary, translation: Translation): Operand {
  const left = translation.operand(node.left)
  const right = translation.operand(node.right)
  if (left.kind === 'known' && right.kind === 'known') return constantPart(node, translation)
  if ([left, right].some(isDuration)) {
    return translation.refuse(
      node,
      'ERR_DATA_EXTENSION',
      'a `duration` of the row has no exact order in a query',
      'map it as a Long',
    )
  }
  if ([left, right].some((operand) => operand.kind === 'known' && operand.value === undefined))
    return condition(UNDECIDED)
  const first = sideOf(left, translation)
  const second = sideOf(right, translation)
  if (first === undefined || second === undefined || first.type !== second.type) return FAULT_OPERAND
  return condition(testOf(compare(first.integer, comparison, second.integer), ...first.columns, ...second.columns))
}

function compare(left: Fragment, comparison: Comparison, right: Fragment): Pair {
  switch (comparison) {
    case '<':
      return { whenTrue: test`${left} < ${right}`, whenFalse: test`${left} >= ${right}` }
    case '<=':
      return { whenTrue: test`${left} <= ${right}`, whenFalse: test`${left} > ${right}` }
    case '>':
      return { whenTrue: test`${left} > ${right}`, whenFalse: test`${left} <= ${right}` }
    case '>=':
      return { whenTrue: test`${left} >= ${right}`, whenFalse: test`${left} < ${right}` }
    default:
      return comparison satisfies never
  }
}

/** `undefined`: of a type that has no order, which is an error. */
function sideOf(operand: Operand, { dialect }: Translation): Side | undefined {
  if (operand.kind === 'column') {
    const { column } = operand
    const { type } = operand.type
    if (type !== 'Long' && type !== 'datetime') return undefined
    return { integer: dialect.integerOf(column, type), type, columns: [operand] }
  }
  if (operand.kind !== 'known' || operand.value === undefined) return undefined
  const { value } = operand
  if (isLong(value)) return { integer: fragment`${longParameter(value)}`, type: 'Long', columns: [] }
  if (typeof value !== 'object' || value.kind !== 'datetime') return undefined
  return { integer: fragment`${longParameter(value.milliseconds)}`, type: 'datetime', columns: [] }
}

function isDuration(operand: Operand): boolean {
  return operand.kind === 'column' && operand.type.type === 'duration'
}
