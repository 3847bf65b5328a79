// How a row is an entity, said once: decisions, queries and tests all read it from here.

import type { Entity } from '../entity/entities.ts'
import type { EntityTypeDefinition, SchemaDefinition } from '../schema/definition.ts'

declare const rowOf: unique symbol

/**
 * A mapping of rows to entities of one type. Called with a row it makes the entity; with no row, nothing.
 * `Row` is the least that a row must have. Without type arguments it stands for every mapping.
 */
export interface EntityMapping<Type extends string = string, Row = never> {
  /** Errors: `ERR_POLICY_ROW` when a column is missing, null where it must not be, or of another type. */
  <R extends Row | null | undefined>(row: R): Mapped<Type, R>
  readonly type: Type
  readonly table: string
  readonly columns: MappedColumns
  /** What the schema says of the type. */
  readonly definition: EntityTypeDefinition
  /** The whole schema that the mapping was made for. */
  readonly schema: SchemaDefinition
  /** For the compiler only. */
  readonly [rowOf]?: (row: Row) => void
}

/** Where a row holds what. All names are columns of the mapping's table. */
export interface MappedColumns {
  readonly id: string
  /** The column of each attribute. An optional attribute without one is always absent. */
  readonly attributes: ReadonlyMap<string, string>
  /** For every type that an ancestor can have. */
  readonly parents: ReadonlyMap<string, ParentColumn>
  /** A JSON object of all tags. Only for types with tags. */
  readonly tags?: string
}

/** Ids of the ancestors of one type: there never is one, at most one (null: none), or all in one JSON array. */
export type ParentColumn =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly column: string }
  | { readonly kind: 'many'; readonly column: string }

/** A row together with the entity that it is. */
export interface MappedEntity<Type extends string, Row> {
  readonly type: Type
  readonly entity: Entity
  readonly row: Row
}

/** What a mapping makes of a row: nothing of nothing. */
export type Mapped<Type extends string, R> = R extends null | undefined ? undefined : MappedEntity<Type, R>

/** The least that a row of the mapping must have. */
export type RowOf<M> = M extends { readonly [rowOf]?: (row: infer Row) => void } ? Row : never

/** The mapping's entity type. */
export type TypeOf<M extends EntityMapping> = M['type']
