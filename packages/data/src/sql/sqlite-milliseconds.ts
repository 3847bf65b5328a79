// The instant of a datetime column in SQLite, in milliseconds since 1970: of a number it is the number, and of a text in any of
// Cedar's forms (`2024-02-29`, `2024-02-29T10:00:00Z`, `2024-02-29T10:00:00.123+0530`) it is calculated, in integers.

import { fragment } from './fragment.ts'
import type { Column, Fragment } from './fragment.ts'

/** Not for an index: a column that a long list is asked by is better mapped as a Long. */
export function sqliteMilliseconds(column: Column): Fragment {
  const seconds = fragment`unixepoch(substr(${column}, 1, 19))`
  const fraction = fragment`case when substr(${column}, 20, 1) = '.' then cast(substr(${column}, 21, 3) as integer) else 0 end`
  const minutes = fragment`cast(substr(${column}, -4, 2) as integer) * 60 + cast(substr(${column}, -2) as integer)`
  const east = fragment`cast(substr(${column}, -5, 1) || '1' as integer) * (${minutes})`
  const offset = fragment`case when length(${column}) > 10 and substr(${column}, -1) <> 'Z' then ${east} else 0 end`
  const text = fragment`${seconds} * 1000 + ${fraction} - ${offset} * 60000`
  return fragment`case typeof(${column}) when 'text' then ${text} else cast(${column} as integer) end`
}
