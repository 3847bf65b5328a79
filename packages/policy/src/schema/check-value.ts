// A type as a closure that says whether a value has it. Compiled once per schema, run for every loaded entity.

import { fitsLong } from '../value/long.ts'
import type { Value } from '../value/value.ts'
import type { AttributeDefinitions, SchemaDefinition, TypeDefinition } from './definition.ts'
import { ownField } from './fields.ts'

/** True when the value has the type, all the way down. */
export type ValueCheck = (value: Value) => boolean

/** What is required of a set of named values: attributes of an entity or of a record, or a context. */
export interface FieldsCheck {
  readonly fields: ReadonlyMap<string, FieldCheck>
  readonly required: readonly string[]
}

export interface FieldCheck {
  readonly type: TypeDefinition
  readonly check: ValueCheck
}

export function compileFields(attributes: AttributeDefinitions, entities: SchemaDefinition['entities']): FieldsCheck {
  const entries = Object.entries(attributes)
  return {
    fields: new Map(entries.map(([name, type]) => [name, { type, check: compileValue(type, entities) }])),
    required: entries.filter(([, type]) => type.optional !== true).map(([name]) => name),
  }
}

/** True when all required fields are there, none is unknown, and each has its type. */
export function hasFields(values: ReadonlyMap<string, Value>, { fields, required }: FieldsCheck): boolean {
  for (const name of required) if (!values.has(name)) return false
  for (const [name, value] of values) if (fields.get(name)?.check(value) !== true) return false
  return true
}

export function compileValue(type: TypeDefinition, entities: SchemaDefinition['entities']): ValueCheck {
  switch (type.type) {
    case 'Bool':
      return (value) => typeof value === 'boolean'
    case 'Long':
      return (value) => (typeof value === 'bigint' ? fitsLong(value) : Number.isSafeInteger(value))
    case 'String':
      return (value) => typeof value === 'string'
    case 'decimal':
    case 'ipaddr':
    case 'datetime':
    case 'duration':
      return (value) => typeof value === 'object' && value.kind === type.type
    case 'Entity':
      return compileReference(type.name, entities)
    case 'Set': {
      const element = compileValue(type.element, entities)
      return (value) => typeof value === 'object' && value.kind === 'set' && value.elements.every(element)
    }
    case 'Record': {
      const fields = compileFields(type.attributes, entities)
      return (value) => typeof value === 'object' && value.kind === 'record' && hasFields(value.fields, fields)
    }
    default:
      return type satisfies never
  }
}

/** True for every id that an entity of the type can have. */
export function compileId(type: string, entities: SchemaDefinition['entities']): (id: string) => boolean {
  const enumerated = ownField(entities, type)?.enum
  if (enumerated === undefined) return () => true
  const ids = new Set(enumerated)
  return (id) => ids.has(id)
}

function compileReference(name: string, entities: SchemaDefinition['entities']): ValueCheck {
  const hasId = compileId(name, entities)
  return (value) => typeof value === 'object' && value.kind === 'entity' && value.type === name && hasId(value.id)
}
