// Which types stand above a type. A parent's parents are ancestors too, and a policy may ask for any of them.

import type { SchemaDefinition } from './definition.ts'
import { ownField } from './fields.ts'

/** The parent types and all above them. A type that is among its own ancestor types can be nested to any depth. */
export function ancestorTypes(parents: readonly string[], entities: SchemaDefinition['entities']): ReadonlySet<string> {
  const found = new Set(parents)
  // a set visits what is added while it is walked
  for (const type of found) {
    for (const parent of ownField(entities, type)?.parents ?? []) found.add(parent)
  }
  return found
}
