// A schema written by hand keeps its literal types, from which actions, attributes and rows are inferred.

import type { GeneratedSchema } from './definition.ts'

/** The definition itself, with its exact type. `cardea generate` writes the same as a constant. */
export function defineSchema<const S extends GeneratedSchema>(definition: S): S {
  return definition
}
