// Makes a mapping: checks it against the schema once, then turns rows into entities. A row that does not say everything that
// the schema requires is an error and never an entity with less, because a policy reads an absent attribute as an answer.

import { PolicyError } from '../errors.ts'
import type { EntityTypeDefinition, SchemaDefinition } from '../schema/definition.ts'
import { ownField } from '../schema/fields.ts'
import type { EntityTypeName } from '../schema/infer.ts'
import { checkColumns, type ColumnOptions } from './check-columns.ts'
import type { EntityMapping, MappedColumns, MappedEntity, ParentColumn } from './entity-mapping.ts'
import type { ExactOptions, MappedRow, MappingOptions } from './mapping-options.ts'
import { createRowReader } from './row-reader.ts'

/**
 * Maps rows of a table to entities of a type of the schema. Every required attribute, every type of ancestor (`null` if there
 * never is one) and tags must have a column; the compiler refuses less, and so does this function.
 * A parent's column names the only ancestor of its type, or `{ list: column }` all of them.
 * Error: `ERR_POLICY_MAPPING` with all problems.
 *
 * @example
 * const Document = mapEntity(schema, 'Document', {
 *   table: 'documents',
 *   id: 'id',
 *   attributes: { owner: 'owner_id', classified: 'classified' },
 *   parents: { Folder: 'folder_id' },
 * })
 * auth.authorize('view', Document(row))
 */
export function mapEntity<
  const S extends SchemaDefinition,
  const T extends EntityTypeName<S>,
  const O extends MappingOptions<S, T>,
>(schema: S, type: T, options: O & ExactOptions<S, T, O>): EntityMapping<T, MappedRow<S, T, O>> {
  const columns: ColumnOptions = options
  const problems = checkColumns(schema, type, columns)
  const definition = ownField<EntityTypeDefinition>(schema.entities, type)
  if (problems.length > 0 || definition === undefined) {
    throw new PolicyError('ERR_POLICY_MAPPING', `the mapping of \`${type}\` does not fit the schema`, { problems })
  }
  const described = { type, table: columns.table, columns: describeColumns(columns), definition, schema }
  const read = createRowReader(described)
  const map = (row: object | null | undefined): MappedEntity<T, object> | undefined =>
    row === null || row === undefined ? undefined : Object.freeze({ type, entity: read(row), row })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is inferred of rows cannot be said of one function for all
  return Object.freeze(Object.assign(map, described)) as EntityMapping<T, MappedRow<S, T, O>>
}

function describeColumns({ id, attributes = {}, parents = {}, tags }: ColumnOptions): MappedColumns {
  return Object.freeze({
    id,
    attributes: new Map(Object.entries(attributes)),
    parents: new Map(Object.entries(parents).map(([type, parent]) => [type, parentColumn(parent)])),
    ...(tags === undefined ? {} : { tags }),
  })
}

function parentColumn(parent: string | { readonly list: string } | null): ParentColumn {
  if (parent === null) return { kind: 'none' }
  return typeof parent === 'string' ? { kind: 'one', column: parent } : { kind: 'many', column: parent.list }
}
