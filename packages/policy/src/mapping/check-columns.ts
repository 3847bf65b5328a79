// A mapping's columns against the schema, at run time: schemas are generated again while code stays, and JavaScript has no compiler.

import { problem } from '../errors.ts'
import type { Problem } from '../problem.ts'
import { ancestorTypes } from '../schema/ancestor-types.ts'
import type { EntityTypeDefinition, SchemaDefinition } from '../schema/definition.ts'
import { ownField } from '../schema/fields.ts'
import { didYouMean } from '../syntax/near-miss.ts'

/** A mapping's columns without the schema's types. */
export interface ColumnOptions {
  readonly table: string
  readonly id: string
  readonly attributes?: { readonly [attribute: string]: string }
  readonly parents?: { readonly [type: string]: string | { readonly list: string } | null }
  readonly tags?: string | undefined
}

/** What is mapped too little, too much, or in a way that cannot hold all ancestors. */
export function checkColumns(schema: SchemaDefinition, type: string, options: ColumnOptions): readonly Problem[] {
  const definition = ownField(schema.entities, type)
  if (definition === undefined) {
    return [misfit(`the schema has no entity type \`${type}\``, didYouMean(type, Object.keys(schema.entities)))]
  }
  return [
    ...checkAttributes(definition, options.attributes ?? {}),
    ...checkParents(schema, definition, options.parents ?? {}),
    ...checkTags(definition, options.tags),
  ]
}

function checkAttributes(
  { attributes }: EntityTypeDefinition,
  columns: NonNullable<ColumnOptions['attributes']>,
): readonly Problem[] {
  const names = Object.keys(attributes)
  const missing = Object.entries(attributes).filter(
    ([name, { optional }]) => optional !== true && ownField(columns, name) === undefined,
  )
  const unknown = Object.keys(columns).filter((name) => !Object.hasOwn(attributes, name))
  return [
    ...missing.map(([name]) => misfit(`the attribute \`${name}\` has no column`)),
    ...unknown.map((name) => misfit(`the schema has no attribute \`${name}\``, didYouMean(name, names))),
  ]
}

function checkParents(
  schema: SchemaDefinition,
  { parents }: EntityTypeDefinition,
  columns: NonNullable<ColumnOptions['parents']>,
): readonly Problem[] {
  const types = [...ancestorTypes(parents, schema.entities)]
  const nested = (type: string): boolean =>
    ancestorTypes(ownField(schema.entities, type)?.parents ?? [], schema.entities).has(type)
  return [
    ...types.flatMap((type) => {
      const column = ownField(columns, type)
      if (column === undefined) {
        return [misfit(`parents of type \`${type}\` have no column`, 'say `null` when there never is one')]
      }
      if (typeof column !== 'string' || !nested(type)) return []
      const message = `a \`${type}\` can be in another, so one id cannot say all ancestors of that type`
      return [misfit(message, 'give a column with the ids of all: `{ list: ... }`')]
    }),
    ...Object.keys(columns)
      .filter((type) => !types.includes(type))
      .map((type) => misfit(`the schema has no parents of type \`${type}\``, didYouMean(type, types))),
  ]
}

function checkTags({ tags }: EntityTypeDefinition, column: string | undefined): readonly Problem[] {
  if (tags !== undefined && column === undefined) return [misfit('the tags have no column')]
  return tags === undefined && column !== undefined ? [misfit('the schema has no tags')] : []
}

function misfit(message: string, hint?: string): Problem {
  return problem('ERR_POLICY_MAPPING', message, { hint })
}
