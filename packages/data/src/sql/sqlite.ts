// SQLite (sqlite.org/lang_expr.html, datatype3.html). What it does by itself and what must not happen:
// - a column may have a NOCASE collation: every comparison of texts says BINARY, which also uses an ordinary index;
// - a text that looks like a number is compared as one with a column of numeric affinity ('007' is 7): it is compared as text too;
// - an integer is bound as one: a float would become '7.0' beside a column that holds text;
// - GLOB stops at a NUL character: it is used for prefixes only, where that cannot matter; other patterns compare bytes.

import type { Long } from '@cardea/policy'
import type { Dialect, ListElement, Pair } from './dialect.ts'
import { all, any, FALSE, fragment, list, parameter, test } from './fragment.ts'
import type { Column, Fragment, Parameter } from './fragment.ts'
import { longParameter, textParameter } from './parameters.ts'
import { sqliteLike } from './sqlite-like.ts'
import { sqliteMilliseconds } from './sqlite-milliseconds.ts'

/** More values than this travel as one JSON parameter: SQLite bounds the number of parameters. */
const MAX_PARAMETERS = 100

export const sqlite: Dialect = {
  name: 'sqlite',
  quote: (identifier) => `"${identifier.replaceAll('"', '""')}"`,
  placeholder: () => '?',

  isPresent: (column) => test`${column} is not null`,
  isAbsent: (column) => test`${column} is null`,

  isBoolean: (column, value) => (value ? test`${column} = 1` : test`${column} = 0`),
  isAnyBoolean: (column) => test`${column} in (0, 1)`,

  textIsIn(column, texts) {
    const values = texts.map(textParameter)
    const exact = membership(fragment`${column} collate binary`, fragment`${column}`, values)
    if (!texts.some(looksNumeric)) return exact
    const asText = membership(fragment`cast(${column} as text)`, fragment`cast(${column} as text)`, values)
    return {
      whenTrue: all(exact.whenTrue, asText.whenTrue),
      whenFalse: any(exact.whenFalse, asText.whenFalse),
    }
  },
  textsAreEqual: (left, right) => ({
    whenTrue: test`cast(${left} as text) = cast(${right} as text) collate binary`,
    whenFalse: test`cast(${left} as text) <> cast(${right} as text) collate binary`,
  }),
  textIsLike: (column, pattern) => sqliteLike(column, pattern, sqlite),

  longIsIn(column, values) {
    const [first, ...rest] = values.map(longParameter)
    if (first === undefined) return { whenTrue: FALSE, whenFalse: FALSE }
    if (rest.length === 0) return { whenTrue: test`${column} = ${first}`, whenFalse: test`${column} <> ${first}` }
    const options = optionsOf([first, ...rest])
    return { whenTrue: test`${column} in (${options})`, whenFalse: test`${column} not in (${options})` }
  },
  integerOf: (column, type) => (type === 'Long' ? fragment`cast(${column} as integer)` : sqliteMilliseconds(column)),

  isList: (column) => test`${listOf(column)} is not null`,
  listHasAny: (column, values) => {
    const found = fragment`exists (select 1 from json_each(${listOf(column)}) where ${elementIn(values, fragment`in`)})`
    return { whenTrue: test`${found}`, whenFalse: all(sqlite.isList(column), test`not ${found}`) }
  },
  listHasOther: (column, values) => {
    const condition = values.length === 0 ? fragment`true` : elementIn(values, fragment`not in`)
    const other = fragment`exists (select 1 from json_each(${listOf(column)}) where ${condition})`
    return { whenTrue: test`${other}`, whenFalse: all(sqlite.isList(column), test`not ${other}`) }
  },
}

/** The JSON of an array; NULL for any other, as `json_each` reads objects too, and fails the whole query on what is no JSON. */
function listOf(column: Column): Fragment {
  return fragment`case when json_valid(${column}) then case json_type(${column}) when 'array' then ${column} end end`
}

/** `single` is compared with one value (there the value carries the collation), `many` with a list. */
function membership(many: Fragment, single: Fragment, values: readonly Parameter[]): Pair {
  const [first, ...rest] = values
  if (first === undefined) return { whenTrue: FALSE, whenFalse: FALSE }
  if (rest.length === 0) {
    return {
      whenTrue: test`${single} = ${first} collate binary`,
      whenFalse: test`${single} <> ${first} collate binary`,
    }
  }
  const options = optionsOf(values)
  return { whenTrue: test`${many} in (${options})`, whenFalse: test`${many} not in (${options})` }
}

/** A Long in a list may be a number or, beyond 2^53, decimal text. */
function elementIn(values: readonly ListElement[], relation: Fragment): Fragment {
  const texts = values.filter((value) => typeof value === 'string')
  if (texts.length > 0) return fragment`json_each.value ${relation} (${optionsOf(texts.map(textParameter))})`
  const longs = values.filter((value) => typeof value !== 'string')
  return fragment`cast(json_each.value as integer) ${relation} (${optionsOf(longs.map(longParameter))})`
}

function optionsOf(values: readonly Parameter[]): Fragment {
  if (values.length <= MAX_PARAMETERS) return list(values)
  return fragment`select value from json_each(${parameter(`[${values.map(({ value }) => json(value)).join(',')}]`)})`
}

function json(value: string | Long): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

/** A superset of what SQLite takes for a number when a column has numeric affinity. */
function looksNumeric(text: string): boolean {
  return /^\s*[+-]?(?:\d|\.\d)[\d.eE+-]*\s*$/.test(text)
}
