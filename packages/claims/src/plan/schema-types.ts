// Questions about the types of a schema that packing and reading both ask.

import type { AttributeDefinition, Schema } from '@cardea/policy'

/** The definition of an attribute of an entity type, or `undefined`. */
export function attributeType(schema: Schema, type: string, name: string): AttributeDefinition | undefined {
  const attributes = schema.entityType(type)?.attributes
  return attributes !== undefined && Object.hasOwn(attributes, name) ? attributes[name] : undefined
}

/** Every type that an entity of the type can have among its ancestors. */
export function ancestorTypes(schema: Schema, type: string): ReadonlySet<string> {
  const found = new Set<string>()
  const waiting = [...(schema.entityType(type)?.parents ?? [])]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue
    found.add(next)
    waiting.push(...(schema.entityType(next)?.parents ?? []))
  }
  return found
}
