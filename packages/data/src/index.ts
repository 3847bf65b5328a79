// The boundary in the query: a filter becomes SQL, exactly or not at all.

export { checkTranslatable } from './check-translatable.ts'
export type { CheckOptions } from './check-translatable.ts'
export { DATA_ERRORS, DataError } from './errors.ts'
export type { DataErrorCode, DataErrorDetails } from './errors.ts'
export type { Dialect, ListElement, Pair } from './sql/dialect.ts'
export type { Column, Fragment, Needs, Parameter, Piece, Predicate, SqlValue } from './sql/fragment.ts'
export { sqlite } from './sql/sqlite.ts'
export { sqlOf } from './sql-of.ts'
export type { SqlText } from './sql-of.ts'
