// What a row says of an entity: which column holds the id, each attribute, each kind of parent.

import type { Schema, TypeDefinition } from '@cardea/policy'
import { DataError } from '../errors.ts'
import type { Column } from '../sql/fragment.ts'

export interface RowShape {
  /** The entity type of the rows. */
  readonly type: string
  readonly table: string
  readonly id: Column
  /** The column of an attribute; `undefined` when no row has the attribute. */
  attribute(name: string): RowAttribute | undefined
  /** The column of each kind of parent that a row may have. */
  readonly parents: ReadonlyMap<string, Column>
  /** Kinds of ancestors that an entity may have and that the row does not tell: a parent's parents, for instance. */
  readonly untold: ReadonlySet<string>
  /** Kinds of ancestors that entities of a type may have, by the schema. */
  ancestorTypes(type: string): ReadonlySet<string>
}

export interface RowAttribute {
  readonly column: Column
  readonly type: TypeDefinition
  readonly optional: boolean
}

/** The part of an entity mapping that says where things are. */
export interface RowDefinition {
  readonly table: string
  readonly id: string
  readonly attributes: { readonly [attribute: string]: string | undefined }
  /** `null`: an entity of the type is never in one of this kind. */
  readonly parents?: { readonly [type: string]: string | null | undefined } | undefined
}

/** The shape of the rows of a mapping. Error: `ERR_DATA_MAPPING`. */
export function createRow(type: string, definition: RowDefinition, schema: Schema): RowShape {
  const entityType = schema.entityType(type)
  if (entityType === undefined) {
    throw new DataError('ERR_DATA_MAPPING', `the schema has no entity type \`${type}\``)
  }
  const column = (name: string): Column => ({ kind: 'column', table: definition.table, name })
  const attributes = new Map<string, RowAttribute>()
  for (const [name, mapped] of Object.entries(definition.attributes)) {
    const attribute = Object.hasOwn(entityType.attributes, name) ? entityType.attributes[name] : undefined
    if (attribute === undefined) {
      throw new DataError('ERR_DATA_MAPPING', `the entity type \`${type}\` has no attribute \`${name}\``)
    }
    if (mapped === undefined) continue
    attributes.set(name, { column: column(mapped), type: attribute, optional: attribute.optional === true })
  }
  const parents = new Map<string, Column>()
  for (const [parent, mapped] of Object.entries(definition.parents ?? {})) {
    if (typeof mapped === 'string') parents.set(parent, column(mapped))
  }
  return {
    type,
    table: definition.table,
    id: column(definition.id),
    attribute: (name) => attributes.get(name),
    parents,
    untold: untoldOf(type, definition, schema),
    ancestorTypes: (name) => ancestorTypes(name, schema),
  }
}

/**
 * An ancestor is told when its column is mapped (or is said to be never there) and nothing else can lead to one of its kind: one
 * column holds one parent, but where a folder may be in a folder there are any number.
 */
function untoldOf(type: string, { parents = {} }: RowDefinition, schema: Schema): ReadonlySet<string> {
  const isMapped = (kind: string): boolean => Object.hasOwn(parents, kind) && parents[kind] !== undefined
  const isNever = (kind: string): boolean => isMapped(kind) && parents[kind] === null
  const possible = [...ancestorTypes(type, schema)].filter((kind) => !isNever(kind))
  const isNested = (kind: string): boolean => ancestorTypes(kind, schema).has(kind)
  return new Set(possible.filter((kind) => !isMapped(kind) || isNested(kind)))
}

/** All types above a type. The type itself is among them exactly when its entities can be nested. */
function ancestorTypes(type: string, schema: Schema): ReadonlySet<string> {
  const found = new Set(schema.entityType(type)?.parents)
  // a set visits what is added while it is walked
  for (const above of found) {
    for (const parent of schema.entityType(above)?.parents ?? []) found.add(parent)
  }
  return found
}
