// A query whose text is made once. Building it anew takes longer than SQLite takes to answer it.

import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import type { Tables } from './tables.ts'

type Scalar = string | number

/** With `Row` as `build` makes it. */
export type Prepared<Parameters extends readonly Scalar[], Row> = (
  db: Kysely<Tables>,
  ...parameters: Parameters
) => Promise<Row[]>

interface Text<Row> {
  readonly compiled: CompiledQuery<Row>
  /** Which parameter stands at each place; -1 where `build` put a value of its own. */
  readonly places: readonly number[]
}

/**
 * `build` is called once for each kind of database and number of parameters, with marks in place of values: it hands them on and does
 * nothing else with them.
 */
export function prepared<Parameters extends readonly Scalar[], Row>(
  build: (db: Kysely<Tables>, ...marks: Parameters) => Compilable<Row>,
): Prepared<Parameters, Row> {
  const texts = new WeakMap<object, Map<number, Text<Row>>>()

  function textFor(db: Kysely<Tables>, count: number): Text<Row> {
    // a transaction has the adapter of its database
    const { adapter } = db.getExecutor()
    const byCount = texts.get(adapter) ?? new Map<number, Text<Row>>()
    texts.set(adapter, byCount)
    const known = byCount.get(count)
    if (known !== undefined) return known
    const marks = Array.from({ length: count }, (_, at) => `:${at}`)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a mark is handed on as a value would be, whatever its type
    const compiled = build(db, ...(marks as unknown as Parameters)).compile()
    const text = { compiled, places: compiled.parameters.map((parameter) => marks.indexOf(String(parameter))) }
    byCount.set(count, text)
    return text
  }

  return async (db, ...parameters) => {
    const { compiled, places } = textFor(db, parameters.length)
    const values = places.map((place, at) => (place < 0 ? compiled.parameters[at] : parameters[place]))
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters: values })
    return rows
  }
}
