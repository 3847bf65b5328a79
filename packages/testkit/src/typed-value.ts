// Values as people write them in tests, read by the schema's type: `'Tenant::"acme"'` for an entity, `'10.0.0.1'` for an address,
// `'2026-01-01T00:00:00Z'` for a datetime.

import { type AttributeDefinition, parseEntityUid, type TypeDefinition, type Value } from '@cardea/policy'
import { valueFromJson } from '@cardea/policy/json'
import { TestkitError } from './errors.ts'

export type Attributes = Readonly<Record<string, unknown>>

/**
 * Reads `given` by the declared types. A name that is not declared and a required one that is missing are errors.
 * @throws TestkitError ERR_TESTKIT_VALUE
 */
export function typedAttributes(
  declared: Readonly<Record<string, AttributeDefinition>>,
  given: Attributes,
  owner: string,
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>()
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(declared, name)) {
      throw new TestkitError('ERR_TESTKIT_VALUE', `${owner} has no attribute \`${name}\` in the schema`)
    }
  }
  for (const [name, type] of Object.entries(declared)) {
    const value = given[name]
    if (value !== undefined) values.set(name, typedValue(type, value, `${owner}.${name}`))
    else if (type.optional !== true)
      throw new TestkitError('ERR_TESTKIT_VALUE', `${owner} lacks the attribute \`${name}\``)
  }
  return values
}

/** @throws TestkitError ERR_TESTKIT_VALUE */
function typedValue(type: TypeDefinition, value: unknown, place: string): Value {
  try {
    return valueFromJson(explicit(type, value), type)
  } catch (cause) {
    throw new TestkitError('ERR_TESTKIT_VALUE', `${place} is not a ${type.type}`, { cause })
  }
}

/** Turns `Type::"id"` texts into Cedar's JSON form of an entity, wherever the type says that one is meant. */
function explicit(type: TypeDefinition, value: unknown): unknown {
  switch (type.type) {
    case 'Entity': {
      const uid = typeof value === 'string' ? parseEntityUid(value) : undefined
      return uid === undefined ? value : { __entity: { type: uid.type, id: uid.id } }
    }
    case 'Set':
      return Array.isArray(value) ? value.map((element) => explicit(type.element, element)) : value
    case 'Record':
      return isObject(value)
        ? Object.fromEntries(
            Object.entries(value).map(([name, inner]) => {
              const declared = type.attributes[name]
              return [name, declared === undefined ? inner : explicit(declared, inner)]
            }),
          )
        : value
    default:
      return value instanceof Date ? value.toISOString() : value
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
