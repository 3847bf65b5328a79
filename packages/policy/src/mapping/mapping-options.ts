// What a mapping must say, as types: the compiler refuses an attribute or a parent that is not mapped, and infers the row.

import type {
  AttributeDefinition,
  AttributeDefinitions,
  SchemaDefinition,
  TypeDefinition,
} from '../schema/definition.ts'
import type { EntityTypeName, OptionalName, RequiredName } from '../schema/infer.ts'

/** The columns of one entity type. Required attributes, all kinds of ancestors and tags must be said. */
export type MappingOptions<S extends SchemaDefinition, T extends EntityTypeName<S>> = {
  readonly table: string
  /** The column of the id, which is text. */
  readonly id: string
} & Needed<'attributes', RequiredName<AttributesOf<S, T>>, AttributeColumns<AttributesOf<S, T>>> &
  Needed<'parents', AncestorTypeName<S, T>, { readonly [P in AncestorTypeName<S, T>]: ParentOption<S, P> }> &
  (S['entities'][T] extends { readonly tags: TypeDefinition } ? { readonly tags: string } : { readonly tags?: never })

/** A column with at most one id (null: none), a column with all ids as a JSON array, or `null`: there never is one. */
export type ParentOption<S extends SchemaDefinition, P extends string> =
  // folders in folders: one column cannot name all ancestors
  P extends AncestorTypeName<S, P> ? { readonly list: string } | null : string | { readonly list: string } | null

/** Every type that an ancestor of an entity of the type can have. */
export type AncestorTypeName<S extends SchemaDefinition, T extends string> = Closure<S, T, never>

/** Refuses names that the schema does not have, which inference alone would take. */
export type ExactOptions<S extends SchemaDefinition, T extends EntityTypeName<S>, O> = {
  readonly [K in Exclude<keyof O, 'table' | 'id' | 'attributes' | 'parents' | 'tags'>]: never
} & (O extends { readonly attributes: infer A }
  ? { readonly attributes: { readonly [N in Exclude<keyof A, keyof AttributesOf<S, T>>]: never } }
  : unknown) &
  (O extends { readonly parents: infer P }
    ? { readonly parents: { readonly [N in Exclude<keyof P, AncestorTypeName<S, T>>]: never } }
    : unknown)

/** The least that a row must have for these columns. */
export type MappedRow<S extends SchemaDefinition, T extends EntityTypeName<S>, O> = Flat<
  (O extends { readonly id: infer Id extends string } ? { readonly [C in Id]: string } : unknown) &
    (O extends { readonly attributes: infer A } ? AttributesRow<AttributesOf<S, T>, A> : unknown) &
    (O extends { readonly parents: infer P } ? ParentsRow<P> : unknown) &
    (O extends { readonly tags: infer Tags extends string } ? { readonly [C in Tags]: string | object } : unknown)
>

/** What a database driver gives for a column of that type. */
export type ColumnOf<D extends TypeDefinition> = ColumnInput[D['type']]

interface ColumnInput {
  readonly Bool: boolean | number
  readonly Long: number | bigint | string
  readonly String: string
  readonly decimal: string
  readonly ipaddr: string
  readonly datetime: Date | string | number
  readonly duration: string
  readonly Entity: string
  readonly Set: readonly unknown[] | string
  readonly Record: object | string
}

type AttributesOf<S extends SchemaDefinition, T extends EntityTypeName<S>> = S['entities'][T]['attributes']

type AttributeColumns<F extends AttributeDefinitions> = { readonly [N in RequiredName<F>]: string } & {
  readonly [N in OptionalName<F>]?: string
}

type Needed<Key extends string, Names, Value> = [Names] extends [never]
  ? { readonly [K in Key]?: Value }
  : { readonly [K in Key]: Value }

type AttributesRow<F extends AttributeDefinitions, A> = {
  readonly [N in keyof A & keyof F as A[N] & string]: AttributeColumn<F[N]>
}

type AttributeColumn<D extends AttributeDefinition> = D extends { readonly optional: true }
  ? ColumnOf<D> | null
  : ColumnOf<D>

type ParentsRow<P> = {
  readonly [N in keyof P as P[N] extends string ? P[N] : never]: string | null
} & {
  readonly [N in keyof P as P[N] extends { readonly list: infer C extends string } ? C : never]:
    | readonly string[]
    | string
}

type Closure<S extends SchemaDefinition, Frontier extends string, Found extends string> = [
  Exclude<ParentOf<S, Frontier>, Found>,
] extends [never]
  ? Found
  : Closure<S, Exclude<ParentOf<S, Frontier>, Found>, Found | ParentOf<S, Frontier>>

type ParentOf<S extends SchemaDefinition, T extends string> = S['entities'][T & keyof S['entities']]['parents'][number]

type Flat<T> = { readonly [K in keyof T]: T[K] }
