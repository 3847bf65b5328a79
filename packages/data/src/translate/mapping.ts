// From an entity mapping and a filter, as `@cardea/policy` makes them, to what the translation works with.

import type { Residual, Schema } from '@cardea/policy'
import type { Dialect } from '../sql/dialect.ts'
import type { Predicate } from '../sql/fragment.ts'
import { createRow } from './row.ts'
import type { RowDefinition, RowShape } from './row.ts'
import { translateResidual } from './translate.ts'

/** What a target reads of an entity mapping. */
export interface AnyMapping {
  readonly type: string
  readonly schema: Schema
  readonly definition: RowDefinition
}

/** What a target reads of a filter. */
export interface AnyFilter {
  readonly mapping: AnyMapping
  readonly residual: Residual
}

const rows = new WeakMap<AnyMapping, RowShape>()

/** The shape of the rows, made once per mapping. Error: `ERR_DATA_MAPPING`. */
export function rowOf(mapping: AnyMapping): RowShape {
  let row = rows.get(mapping)
  if (row === undefined) {
    row = createRow(mapping.type, mapping.definition, mapping.schema)
    rows.set(mapping, row)
  }
  return row
}

/** The filter as a predicate. Errors: see `sqlOf`. */
export function predicateOf({ mapping, residual }: AnyFilter, dialect: Dialect): Predicate {
  return translateResidual(residual, rowOf(mapping), dialect)
}
