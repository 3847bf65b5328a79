// What a row says of an entity: which column holds the id, each attribute, each kind of ancestor.

import { ancestorTypes } from '@cardea/policy'
import type { AttributeDefinitions, SchemaDefinition, TypeDefinition } from '@cardea/policy'
import type { EntityMapping } from '@cardea/policy/mapping'
import { DataError } from '../errors.ts'
import type { Column } from '../sql/fragment.ts'

export interface Row {
  /** The entity type of the rows. */
  readonly type: string
  readonly id: Column
  /** By name. What is not here no row has. */
  readonly attributes: ReadonlyMap<string, RowAttribute>
  /** By the ancestor's type. What is not here no row is in. */
  readonly ancestors: ReadonlyMap<string, RowAncestor>
  /** Names of attributes, of any entity and of the context, that may refer to such rows. */
  readonly references: ReadonlySet<string>
  /** The types of ancestors that entities of a type may have, by the schema. */
  ancestorTypes(type: string): ReadonlySet<string>
}

interface RowAttribute {
  readonly column: Column
  readonly type: TypeDefinition
  readonly optional: boolean
}

/** `one`: the id of the only ancestor of its type, or NULL. `many`: a list of the ids of all. */
interface RowAncestor {
  readonly kind: 'one' | 'many'
  readonly column: Column
}

const rows = new WeakMap<EntityMapping, Row>()

/** The rows of a mapping, described once for each. Error: `ERR_DATA_MAPPING` for what is no mapping. */
export function rowOf(mapping: EntityMapping): Row {
  let row = rows.get(mapping)
  if (row === undefined) {
    row = describeRow(mapping)
    rows.set(mapping, row)
  }
  return row
}

function describeRow({ type, table, columns, definition, schema }: EntityMapping): Row {
  const column = (name: string): Column => ({ kind: 'column', table, name })
  const attributes = new Map<string, RowAttribute>()
  for (const [name, mapped] of columns.attributes) {
    const attribute = Object.hasOwn(definition.attributes, name) ? definition.attributes[name] : undefined
    if (attribute === undefined) {
      throw new DataError('ERR_DATA_MAPPING', `the entity type \`${type}\` has no attribute \`${name}\``)
    }
    attributes.set(name, { column: column(mapped), type: attribute, optional: attribute.optional === true })
  }
  const ancestors = new Map<string, RowAncestor>()
  for (const [ancestor, mapped] of columns.parents) {
    if (mapped.kind !== 'none') ancestors.set(ancestor, { kind: mapped.kind, column: column(mapped.column) })
  }
  return {
    type,
    id: column(columns.id),
    attributes,
    ancestors,
    references: referencesTo(type, schema),
    ancestorTypes(name) {
      const entityType = Object.hasOwn(schema.entities, name) ? schema.entities[name] : undefined
      return ancestorTypes(entityType?.parents ?? [], schema.entities)
    },
  }
}

function referencesTo(type: string, { entities, actions }: SchemaDefinition): ReadonlySet<string> {
  const names = new Set<string>()
  const visit = (attributes: AttributeDefinitions): void => {
    for (const [name, attribute] of Object.entries(attributes)) {
      if (attribute.type === 'Entity' && attribute.name === type) names.add(name)
      if (attribute.type === 'Record') visit(attribute.attributes)
    }
  }
  Object.values(entities).forEach(({ attributes }) => visit(attributes))
  Object.values(actions).forEach(({ context }) => visit(context))
  return names
}
