// What reads the row: `resource`, its attributes, `has` and `is`; and the literals around them.

import type { Attribute, Expression, Has, TypeDefinition } from '@cardea/policy'
import type { Dialect } from '../sql/dialect.ts'
import { FALSE, NO_NEEDS, test } from '../sql/fragment.ts'
import type { Column, Predicate } from '../sql/fragment.ts'
import { condition, FAULT_OPERAND, testOf, UNKNOWN } from './operand.ts'
import type { ColumnOperand, Known, Operand } from './operand.ts'
import type { Translate, Translation } from './translation.ts'
import { ALWAYS, and, NEVER, truth } from './truth.ts'
import type { Truth } from './truth.ts'

export const translateLiteral: Translate<'literal'> = ({ value }) => ({ kind: 'known', value })

export const translateVariable: Translate<'variable'> = (node, translation) => {
  if (node.name !== 'resource') return constantPart(node, translation)
  const { id, type } = translation.row
  // a row without an id is no entity, and no policy speaks of it
  return {
    kind: 'column',
    column: id,
    type: { type: 'Entity', name: type },
    isResource: true,
    mayErr: false,
    needs: NO_NEEDS,
  }
}

export const translateFault: Translate<'fault'> = () => FAULT_OPERAND

export const translateAttribute: Translate<'attribute'> = (node, translation) => {
  const of = translation.operand(node.of)
  if (of.kind === 'known') return readOfKnown(of, node, translation)
  if (of.kind !== 'column') return FAULT_OPERAND
  return of.isResource ? columnOf(node.name, translation) : refuseReading(of, node, translation)
}

export const translateHas: Translate<'has'> = (node, translation) => {
  const of = translation.operand(node.of)
  if (of.kind === 'known') return readOfKnown(of, node, translation)
  if (of.kind !== 'column') return FAULT_OPERAND
  if (!of.isResource) return refuseReading(of, node, translation)
  const [name = '', ...rest] = node.path
  const presence = presenceOf(name, translation)
  const column = columnOf(name, translation)
  if (rest.length === 0 || column.kind !== 'column') return condition(presence)
  return refuseReading(column, node, translation)
}

export const translateIs: Translate<'is'> = (node, translation) => {
  const of = translation.operand(node.of)
  if (of.kind === 'known') return constantPart(node, translation)
  if (of.kind !== 'column' || of.type.type !== 'Entity') return FAULT_OPERAND
  const matches = of.type.name === node.type
  const type = of.isResource ? (matches ? ALWAYS : NEVER) : truthWhereThere(of, matches, translation)
  if (node.in === undefined) return condition(type)
  const within: Expression = { kind: 'in', left: node.of, right: node.in, span: node.span }
  return condition(and(type, () => translation.condition(within)))
}

export const translateSet: Translate<'set'> = (node, translation) => {
  const elements = node.elements.map((element) => translation.operand(element))
  if (elements.some(({ kind }) => kind === 'fault')) return FAULT_OPERAND
  return elements.every(({ kind }) => kind === 'known') ? constantPart(node, translation) : { kind: 'list', elements }
}

export const translateRecord: Translate<'record'> = (node, translation) => {
  const fields = [...node.fields.values()].map((field) => translation.operand(field))
  if (fields.some(({ kind }) => kind === 'fault')) return FAULT_OPERAND
  if (fields.every(({ kind }) => kind === 'known')) return constantPart(node, translation)
  return translation.refuse(
    node,
    'ERR_DATA_RECORD',
    'a record that is made of attributes of the row has no exact query',
  )
}

/** A part that does not depend on the row. In a residual it is a literal by now, unless it reads what the request does not hold. */
export function constantPart(node: Expression, translation: Translation): Operand {
  if (translation.isChecking) return UNKNOWN
  return translation.refuse(
    node,
    'ERR_DATA_REACHED',
    'a part of the policy reads an entity that the request does not hold',
  )
}

/** True or false wherever the column has a value. */
export function truthWhereThere(operand: ColumnOperand, value: boolean, { dialect }: Translation): Truth {
  const there = isThere(operand.column, operand.type, dialect)
  return testOf(value ? { whenTrue: there, whenFalse: FALSE } : { whenTrue: FALSE, whenFalse: there }, operand)
}

function columnOf(name: string, { row, dialect, present }: Translation): Operand {
  const attribute = row.attributes.get(name)
  if (attribute === undefined) return FAULT_OPERAND
  const { column, type, optional } = attribute
  return {
    kind: 'column',
    column,
    type,
    isResource: false,
    mayErr: optional && !present.has(name),
    needs: optional ? NO_NEEDS : new Map([[`${type.type} ${column.name}`, isThere(column, type, dialect)]]),
  }
}

/** The column holds a value of its type, as far as the type has a test. */
function isThere(column: Column, { type }: TypeDefinition, dialect: Dialect): Predicate {
  if (type === 'Bool') return dialect.isAnyBoolean(column)
  if (type === 'datetime') return test`${dialect.integerOf(column, type)} is not null`
  return type === 'Set' ? dialect.isList(column) : dialect.isPresent(column)
}

function presenceOf(name: string, { row, dialect, present }: Translation): Truth {
  const attribute = row.attributes.get(name)
  if (attribute === undefined) return NEVER
  if (!attribute.optional || present.has(name)) return ALWAYS
  return truth(
    { whenTrue: dialect.isPresent(attribute.column), whenFalse: dialect.isAbsent(attribute.column) },
    { proves: { whenTrue: new Set([name]), whenFalse: new Set() } },
  )
}

/** In a residual only an entity of the rows' own type is still unread: it may be any row. */
function readOfKnown(of: Known, node: Attribute | Has, translation: Translation): Operand {
  return mayBeRow(of, node.of, translation) ? refuseReached(node, translation) : constantPart(node, translation)
}

/** True when what is known may be an entity of the rows' type. Before there is a request, attributes are told by their names. */
export function mayBeRow({ value }: Known, node: Expression, { row }: Translation): boolean {
  if (value === undefined) return node.kind === 'attribute' && row.references.has(node.name)
  return typeof value === 'object' && value.kind === 'entity' && value.type === row.type
}

function refuseReading({ type }: ColumnOperand, node: Attribute | Has, translation: Translation): Operand {
  if (type.type === 'Entity') return refuseReached(node, translation)
  if (type.type !== 'Record') return FAULT_OPERAND
  return translation.refuse(
    node,
    'ERR_DATA_RECORD',
    'a field of a record attribute has no exact query',
    'map the field as an attribute of its own',
  )
}

function refuseReached(node: Attribute | Has, translation: Translation): Operand {
  return translation.refuse(
    node,
    'ERR_DATA_REACHED',
    'an attribute of another entity is not in the row',
    'give the row the attribute itself, for instance with a view that joins it',
  )
}
