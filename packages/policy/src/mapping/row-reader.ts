// Rows to entities. INVARIANT: an entity from here is what the schema requires (`checkEntity` finds nothing), or there is none.
// A column that a query did not select is an error even for an optional attribute: unknown is not absent.

import { createEntity, type Entity, NO_FIELDS } from '../entity/entities.ts'
import { entityUid } from '../entity/uid.ts'
import { PolicyError, type PolicyErrorCode } from '../errors.ts'
import { compileId, compileValue } from '../schema/check-value.ts'
import type {
  AttributeDefinition,
  EntityTypeDefinition,
  SchemaDefinition,
  TypeDefinition,
} from '../schema/definition.ts'
import { inputValue } from '../schema/input-value.ts'
import type { EntityUid, Value } from '../value/value.ts'
import type { MappedColumns, ParentColumn } from './entity-mapping.ts'

/** What is read, without the types that only the compiler needs. */
export interface MappingDescription {
  readonly type: string
  readonly table: string
  readonly columns: MappedColumns
  readonly definition: EntityTypeDefinition
  readonly schema: SchemaDefinition
}

/**
 * A function from rows to entities. Errors: `ERR_POLICY_ROW_COLUMN`, `ERR_POLICY_ROW_NULL`, `ERR_POLICY_ROW_VALUE`; they name table
 * and column, never a value.
 */
export function createRowReader({
  type,
  columns,
  definition,
  ...mapping
}: MappingDescription): (row: object) => Entity {
  const { table, schema } = mapping
  const id = textReader(columns.id, table, compileId(type, schema.entities))
  const attributes = [...columns.attributes].map(([name, column]) => ({
    name,
    read: attributeReader(attributeType(definition, name), column, table, schema),
  }))
  const parents = [...columns.parents].flatMap(([parent, column]) =>
    column.kind === 'none'
      ? []
      : [{ type: parent, read: parentReader(column, table, compileId(parent, schema.entities)) }],
  )
  const tags = tagsReader(columns.tags, table, definition.tags, schema)
  return (row) => {
    const uid = entityUid(type, id(row))
    const values: [string, Value][] = []
    for (const { name, read } of attributes) {
      const value = read(row)
      if (value !== undefined) values.push([name, value])
    }
    return createEntity({ uid, attributes: values, parents: readAncestors(row, uid), tags: tags(row) })
  }

  function readAncestors(row: object, own: EntityUid): EntityUid[] {
    const ancestors: EntityUid[] = []
    for (const parent of parents) {
      for (const id of parent.read(row)) {
        // a path often ends with the entity itself, of which `in` holds anyway
        if (id !== own.id || parent.type !== type) ancestors.push(entityUid(parent.type, id))
      }
    }
    return ancestors
  }
}

function attributeType({ attributes }: EntityTypeDefinition, name: string): AttributeDefinition {
  const type = attributes[name]
  if (type === undefined) throw new TypeError(`no attribute \`${name}\`: columns are checked before they are read`)
  return type
}

/** Reads a value, or nothing where an optional attribute is null. */
function attributeReader(
  type: AttributeDefinition,
  column: string,
  table: string,
  schema: SchemaDefinition,
): (row: object) => Value | undefined {
  const check = compileValue(type, schema.entities)
  const where = place(column, table)
  return (row) => {
    const input = cell(row, column, where)
    if (input === null && type.optional === true) return undefined
    const value = convert(type, required(input, where), where)
    if (!check(value)) throw fault('ERR_POLICY_ROW_VALUE', `${where} names an entity that its type does not enumerate`)
    return value
  }
}

function textReader(column: string, table: string, hasId: (id: string) => boolean): (row: object) => string {
  const where = place(column, table)
  return (row) => checkId(required(cell(row, column, where), where), hasId, where)
}

function parentReader(
  parent: Exclude<ParentColumn, { readonly kind: 'none' }>,
  table: string,
  hasId: (id: string) => boolean,
): (row: object) => readonly string[] {
  const where = place(parent.column, table)
  return (row) => {
    const input = cell(row, parent.column, where)
    if (parent.kind === 'one') return input === null ? [] : [checkId(input, hasId, where)]
    const list = convert(IDS, required(input, where), where)
    if (typeof list !== 'object' || list.kind !== 'set') throw new TypeError('a set is read as a set')
    return list.elements.map((id) => checkId(id, hasId, where))
  }
}

const IDS: TypeDefinition = { type: 'Set', element: { type: 'String' } }

function tagsReader(
  column: string | undefined,
  table: string,
  type: TypeDefinition | undefined,
  schema: SchemaDefinition,
): (row: object) => ReadonlyMap<string, Value> {
  if (column === undefined || type === undefined) return () => NO_FIELDS
  const where = place(column, table)
  const check = compileValue(type, schema.entities)
  return (row) => {
    const input = required(cell(row, column, where), where)
    const object = typeof input === 'string' ? parseJson(input) : input
    if (typeof object !== 'object' || object === null || Array.isArray(object)) {
      throw fault('ERR_POLICY_ROW_VALUE', `${where} must be an object of tags, or JSON text of one`)
    }
    const tags = new Map<string, Value>()
    for (const [name, tag] of Object.entries(object)) {
      const value = convert(type, tag, `a tag of ${where}`)
      if (!check(value))
        throw fault('ERR_POLICY_ROW_VALUE', `a tag of ${where} names an entity that its type does not enumerate`)
      tags.set(name, value)
    }
    return tags
  }
}

function place(column: string, table: string): string {
  return `the column \`${column}\` of \`${table}\``
}

function cell(row: object, column: string, where: string): unknown {
  const input: unknown = Reflect.get(row, column)
  if (input !== undefined) return input
  throw fault('ERR_POLICY_ROW_COLUMN', `${where} is not in the row`, 'select every column that the mapping names')
}

function required(input: unknown, where: string): unknown {
  if (input !== null) return input
  throw fault(
    'ERR_POLICY_ROW_NULL',
    `${where} is null`,
    'make the attribute optional in the schema, or the column not null',
  )
}

function checkId(input: unknown, hasId: (id: string) => boolean, where: string): string {
  const hint = 'an id is text; cast other types in the query, so that every boundary sees the same text'
  if (typeof input !== 'string' || !input.isWellFormed()) {
    throw fault('ERR_POLICY_ROW_VALUE', `${where} holds an id that is no text`, hint)
  }
  if (!hasId(input)) throw fault('ERR_POLICY_ROW_VALUE', `${where} holds an id that its type does not enumerate`)
  return input
}

function convert(type: TypeDefinition, input: unknown, where: string): Value {
  try {
    return inputValue(type, input, 'column', where)
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    throw fault('ERR_POLICY_ROW_VALUE', error.message, error.hint)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function fault(code: PolicyErrorCode, message: string, hint?: string): PolicyError {
  return new PolicyError(code, message, hint === undefined ? {} : { hint })
}
