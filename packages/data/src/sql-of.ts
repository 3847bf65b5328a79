// A filter as text, for drivers that take a statement and its parameters, and for showing what a list asks.

import type { Filter } from '@cardea/policy/mapping'
import type { Dialect } from './sql/dialect.ts'
import type { SqlValue } from './sql/fragment.ts'
import { piecesOf } from './sql/print.ts'
import { sqlite } from './sql/sqlite.ts'
import { translateFilter } from './translate/translate.ts'

export interface SqlText {
  /** A condition for `where`, with a placeholder for each parameter. Columns are qualified with the mapping's table. */
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

/**
 * The condition that a row satisfies exactly when its entity is allowed. Values are only ever parameters.
 * Errors: a `DataError` for what has no exact translation (`checkTranslatable` finds it earlier), or `ERR_DATA_TEXT`, `ERR_DATA_SIZE`.
 */
export function sqlOf(filter: Filter, dialect: Dialect = sqlite): SqlText {
  const parameters: SqlValue[] = []
  const words = piecesOf(translateFilter(filter, dialect)).map((piece) => {
    if (typeof piece === 'string') return piece
    if (piece.kind === 'column') return `${dialect.quote(piece.table)}.${dialect.quote(piece.name)}`
    parameters.push(piece.value)
    return dialect.placeholder(parameters.length)
  })
  return { sql: words.join(''), parameters }
}
