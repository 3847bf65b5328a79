// A filter as a Kysely condition.

import type { Filter } from '@cardea/policy/mapping'
import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'
import { piecesOf } from '../sql/print.ts'
import { sqlite } from '../sql/sqlite.ts'
import { translateFilter } from '../translate/translate.ts'

export interface WhereOptions {
  /** The name of the table in the query, where it has an alias: `selectFrom('documents as d')`. */
  readonly as?: string
}

/**
 * The condition that a row satisfies exactly when its entity is allowed, for `.where(where(filter))`.
 * A filter that allows nothing is a condition that is never true. Values are only ever parameters.
 * Errors, when the query is built: see `sqlOf`.
 *
 *     db.selectFrom('documents').selectAll().where(where(auth.filter('view', Document)))
 */
export function where(filter: Filter, options: WhereOptions = {}): () => RawBuilder<SqlBool> {
  const pieces = piecesOf(translateFilter(filter, sqlite))
  const parts = pieces.map((piece) => {
    if (typeof piece === 'string') return sql.raw(piece)
    return piece.kind === 'column' ? sql.id(options.as ?? piece.table, piece.name) : sql.val(piece.value)
  })
  // parentheses, as the caller may join it with `or`
  return () => sql<SqlBool>`(${sql.join(parts, sql.raw(''))})`
}
