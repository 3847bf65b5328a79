// `contains`, `containsAll`, `containsAny` and `isEmpty`: a set that the request holds and a column, or a column that holds a list.

import { isLong } from '@cardea/policy'
import type { Expression, SetValue, TypeDefinition, Value } from '@cardea/policy'
import type { ListElement } from '../sql/dialect.ts'
import { any, FALSE } from '../sql/fragment.ts'
import { equalTo } from './equality.ts'
import { condition, FAULT_OPERAND, testOf, UNDECIDED, UNKNOWN } from './operand.ts'
import type { ColumnOperand, Known, Operand } from './operand.ts'
import { constantPart, truthWhereThere } from './reading.ts'
import type { Translate, Translation } from './translation.ts'
import { anyOf, FAULT, not, truth } from './truth.ts'
import type { Truth } from './truth.ts'

export const translateContains: Translate<'contains'> = (node, translation) => {
  const left = translation.operand(node.left)
  const right = translation.operand(node.right)
  if (left.kind === 'fault' || right.kind === 'fault') return FAULT_OPERAND
  switch (left.kind) {
    case 'known':
      return right.kind === 'known'
        ? constantPart(node, translation)
        : condition(knownContains(left, right, node, translation))
    case 'list':
      return condition(anyOf(left.elements.map((element) => equalTo(element, right, node, translation))))
    case 'column':
      if (left.type.type !== 'Set') return FAULT_OPERAND
      if (right.kind !== 'known') return refuse(node, translation)
      return condition(hasAny(left, right.value === undefined ? undefined : [right.value], node, translation))
    case 'condition':
      return FAULT_OPERAND
    default:
      return left satisfies never
  }
}

export const translateContainsAny: Translate<'containsAny'> = (node, translation) => {
  const left = translation.operand(node.left)
  const right = translation.operand(node.right)
  if (left.kind === 'fault' || right.kind === 'fault') return FAULT_OPERAND
  if (left.kind === 'known' && right.kind === 'known') return constantPart(node, translation)
  const [held, asked] = left.kind === 'known' ? [right, left] : [left, right]
  if (asked.kind !== 'known') return refuse(node, translation)
  if (held.kind === 'list') {
    return condition(anyOf(held.elements.map((element) => knownContains(asked, element, node, translation))))
  }
  if (held.kind !== 'column' || held.type.type !== 'Set') return FAULT_OPERAND
  if (asked.value === undefined) return condition(hasAny(held, undefined, node, translation))
  return isSet(asked.value) ? condition(hasAny(held, asked.value.elements, node, translation)) : FAULT_OPERAND
}

export const translateContainsAll: Translate<'containsAll'> = (node, translation) => {
  const left = translation.operand(node.left)
  const right = translation.operand(node.right)
  if (left.kind === 'fault' || right.kind === 'fault') return FAULT_OPERAND
  if (left.kind === 'known' && right.kind === 'known') return constantPart(node, translation)
  if (left.kind === 'known') {
    if (left.value !== undefined && !isSet(left.value)) return FAULT_OPERAND
    if (right.kind !== 'column') return refuse(node, translation)
    if (right.type.type !== 'Set') return FAULT_OPERAND
    return condition(not(hasOther(right, left.value?.elements, node, translation)))
  }
  if (left.kind !== 'column' || right.kind !== 'known') return refuse(node, translation)
  if (left.type.type !== 'Set') return FAULT_OPERAND
  if (right.value === undefined) return condition(hasAny(left, undefined, node, translation))
  if (!isSet(right.value)) return FAULT_OPERAND
  const each = right.value.elements.map((element) => not(hasAny(left, [element], node, translation)))
  return condition(each.length === 0 ? truthWhereThere(left, true, translation) : not(anyOf(each)))
}

export const translateIsEmpty: Translate<'isEmpty'> = (node, translation) => {
  const operand = translation.operand(node.operand)
  if (operand.kind === 'known') return constantPart(node, translation)
  if (operand.kind === 'list') return refuse(node, translation)
  if (operand.kind !== 'column' || operand.type.type !== 'Set') return FAULT_OPERAND
  return condition(not(hasOther(operand, [], node, translation)))
}

/** A set that the request holds contains a part of the row. */
function knownContains({ value }: Known, right: Operand, node: Expression, translation: Translation): Truth {
  if (value === undefined) return equalTo(UNKNOWN, right, node, translation)
  if (!isSet(value)) return FAULT
  const single = right.kind === 'column' ? setHasColumn(value, right, translation) : undefined
  if (single !== undefined) return single
  const elements = value.elements.map((element) => equalTo({ kind: 'known', value: element }, right, node, translation))
  if (right.kind === 'condition') return anyOf([falseWhereDecided(right.truth), ...elements])
  return anyOf(right.kind === 'column' ? [truthWhereThere(right, false, translation), ...elements] : elements)
}

/** One test for all elements; `undefined` for a column of a type that has none. */
function setHasColumn(set: SetValue, operand: ColumnOperand, translation: Translation): Truth | undefined {
  const { dialect } = translation
  const { column, type } = operand
  if (!isElementType(type)) return undefined
  const elements = elementsOf(set.elements, type)
  if (elements.length === 0) return truthWhereThere(operand, false, translation)
  const longs = elements.filter((element) => typeof element !== 'string')
  const texts = elements.filter((element) => typeof element === 'string')
  return testOf(type.type === 'Long' ? dialect.longIsIn(column, longs) : dialect.textIsIn(column, texts), operand)
}

/** The list in the column has one of the values; `undefined` while a policy is checked. */
function hasAny(
  operand: ColumnOperand,
  values: readonly Value[] | undefined,
  node: Expression,
  translation: Translation,
): Truth {
  const element = elementType(operand, node, translation)
  if (element === undefined || values === undefined) return UNDECIDED
  const elements = elementsOf(values, element)
  if (elements.length === 0) return truthWhereThere(operand, false, translation)
  return testOf(translation.dialect.listHasAny(operand.column, elements), operand)
}

/** The list in the column has an element that is none of the values. */
function hasOther(
  operand: ColumnOperand,
  values: readonly Value[] | undefined,
  node: Expression,
  translation: Translation,
): Truth {
  const element = elementType(operand, node, translation)
  if (element === undefined || values === undefined) return UNDECIDED
  return testOf(translation.dialect.listHasOther(operand.column, elementsOf(values, element)), operand)
}

function elementType(operand: ColumnOperand, node: Expression, translation: Translation): TypeDefinition | undefined {
  const { type } = operand
  if (type.type !== 'Set') return undefined
  const { element } = type
  if (isElementType(element)) return element
  translation.refuse(node, 'ERR_DATA_UNSUPPORTED', `a list of \`${element.type}\` in a row has no exact query`)
  return undefined
}

function isElementType({ type }: TypeDefinition): boolean {
  return type === 'String' || type === 'Long' || type === 'Entity'
}

function falseWhereDecided({ whenTrue, whenFalse, mayErr, needs }: Truth): Truth {
  return truth({ whenTrue: FALSE, whenFalse: any(whenTrue, whenFalse) }, { mayErr, needs })
}

/** The values that an element of this type can equal, as JSON holds them. */
function elementsOf(values: readonly Value[], element: TypeDefinition): ListElement[] {
  return values.flatMap((value): ListElement[] => {
    if (typeof value === 'string') return element.type === 'String' ? [value] : []
    if (isLong(value)) return element.type === 'Long' ? [value] : []
    const isEntity = element.type === 'Entity' && typeof value === 'object' && value.kind === 'entity'
    return isEntity && value.type === element.name ? [value.id] : []
  })
}

function isSet(value: Value): value is SetValue {
  return typeof value === 'object' && value.kind === 'set'
}

function refuse(node: Expression, translation: Translation): Operand {
  return translation.refuse(
    node,
    'ERR_DATA_UNSUPPORTED',
    'two parts of the row in one set operation have no exact query',
  )
}
