// Types of values and what they rule out. A type says: if there is a value at all, it has this type.

import type { TypeDefinition } from '../schema/definition.ts'
import type { Expression } from '../syntax/tree.ts'
import type { Value } from '../value/value.ts'
import type { Proof } from './operator.ts'
import { isReference } from './reference.ts'

export const BOOL: TypeDefinition = { type: 'Bool' }
export const LONG: TypeDefinition = { type: 'Long' }
const STRING: TypeDefinition = { type: 'String' }

/** The type of a constant; `undefined` for a set whose elements have no common type, and for what holds one. */
export function typeOfValue(value: Value): TypeDefinition | undefined {
  if (typeof value === 'boolean') return BOOL
  if (typeof value === 'string') return STRING
  if (typeof value !== 'object') return LONG
  switch (value.kind) {
    case 'entity':
      return { type: 'Entity', name: value.type }
    case 'set':
      return typeOfSet(value.elements.map(typeOfValue))
    case 'record':
      return typeOfRecord([...value.fields].map(([name, field]) => [name, typeOfValue(field)]))
    case 'decimal':
    case 'ipaddr':
    case 'datetime':
    case 'duration':
      return { type: value.kind }
    default:
      return value satisfies never
  }
}

export function typeOfSet(elements: readonly (TypeDefinition | undefined)[]): TypeDefinition | undefined {
  const element = commonType(elements)
  return element === undefined ? undefined : { type: 'Set', element }
}

export function typeOfRecord(
  fields: readonly (readonly [string, TypeDefinition | undefined])[],
): TypeDefinition | undefined {
  const typed = fields.flatMap(([name, type]) => (type === undefined ? [] : [[name, type] as const]))
  return typed.length === fields.length ? { type: 'Record', attributes: Object.fromEntries(typed) } : undefined
}

/** The type that all of them are; `undefined` without any. */
export function commonType([first, ...rest]: readonly (TypeDefinition | undefined)[]): TypeDefinition | undefined {
  return rest.every((type) => sameType(first, type)) ? first : undefined
}

/** True when the value, if there is one, has the type. */
export function hasType(node: Expression, type: TypeDefinition['type'], prove: Proof): boolean {
  return prove.typeOf(node)?.type === type
}

/** True when its value can only be a Bool. It may still err. */
export function isBoolean(node: Expression, prove: Proof): boolean {
  return hasType(node, 'Bool', prove)
}

export function isEntity(node: Expression, prove: Proof): boolean {
  return isReference(node) || hasType(node, 'Entity', prove)
}

export function isSet(node: Expression, prove: Proof): boolean {
  if (node.kind === 'literal') return typeof node.value === 'object' && node.value.kind === 'set'
  return node.kind === 'set' || hasType(node, 'Set', prove)
}

export function areSets(prove: Proof, left: Expression, right: Expression): boolean {
  return isSet(left, prove) && isSet(right, prove)
}

/** True when no value of the one equals a value of the other. */
export function areDisjoint(left: Expression, right: Expression, prove: Proof): boolean {
  const one = classOf(left, prove)
  const other = classOf(right, prove)
  if (one === undefined || other === undefined) return false
  return one.type !== other.type || (one.name !== undefined && other.name !== undefined && one.name !== other.name)
}

interface Class {
  readonly type: TypeDefinition['type']
  readonly name?: string
}

function classOf(node: Expression, prove: Proof): Class | undefined {
  const type: Class | undefined = prove.typeOf(node)
  if (type !== undefined) return type
  if (isReference(node)) return { type: 'Entity' }
  if (isSet(node, prove)) return { type: 'Set' }
  return undefined
}

function sameType(left: TypeDefinition | undefined, right: TypeDefinition | undefined): boolean {
  if (left === right) return left !== undefined
  if (left === undefined || right === undefined) return false
  if (left.type === 'Entity') return right.type === 'Entity' && left.name === right.name
  if (left.type === 'Set') return right.type === 'Set' && sameType(left.element, right.element)
  // a field that is optional in one of two records is not the same as one that is required
  if (left.type === 'Record') return right.type === 'Record' && sameFields(left.attributes, right.attributes)
  return left.type === right.type
}

type Fields = Extract<TypeDefinition, { type: 'Record' }>['attributes']

function sameFields(left: Fields, right: Fields): boolean {
  const names = Object.keys(left)
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => {
      const [one, other] = [left, right].map((fields) => (Object.hasOwn(fields, name) ? fields[name] : undefined))
      return sameType(one, other) && one?.optional === other?.optional
    })
  )
}
