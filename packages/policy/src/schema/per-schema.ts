// What is compiled from a schema lives as long as the schema and is compiled when it is first asked for.

import type { Schema } from './schema.ts'

/** Remembers what `make` makes of a schema and a part of it. Bounded by the parts that the schema has. */
export function perSchema<Part, T>(make: (schema: Schema, part: Part) => T): (schema: Schema, part: Part) => T {
  const compiled = new WeakMap<Schema, Map<Part, T>>()
  return (schema, part) => {
    let byPart = compiled.get(schema)
    if (byPart === undefined) compiled.set(schema, (byPart = new Map()))
    const known = byPart.get(part)
    if (known !== undefined) return known
    const made = make(schema, part)
    byPart.set(part, made)
    return made
  }
}
