// Entities from Cedar's JSON file format: a list of `{ uid, attrs, parents, tags }`.
// Cedar reference: docs.cedarpolicy.com/auth/entities-syntax.html

import { PolicyError } from '../errors.ts'
import type { TypeDefinition } from '../schema/definition.ts'
import type { Schema } from '../schema/schema.ts'
import { entityUidFromJson, isObject, valueFromJson } from '../value/json.ts'
import type { Value } from '../value/value.ts'
import type { EntityInput } from './entities.ts'

/**
 * Reads a list of entities. With a schema, its types direct how attributes and tags are read (see `valueFromJson`); types
 * and attributes that it does not know are read as they are, and `checkEntity` reports them.
 * Errors: `ERR_POLICY_ENTITY` for the form, and those of `valueFromJson`.
 */
export function parseEntitiesJson(json: unknown, schema?: Schema): EntityInput[] {
  if (!Array.isArray(json)) throw malformed('entities must be a list')
  return json.map((item: unknown) => parseEntity(item, schema))
}

function parseEntity(json: unknown, schema: Schema | undefined): EntityInput {
  if (!isObject(json)) throw malformed('an entity must be an object')
  const uid = entityUidFromJson(json['uid'])
  const parents = json['parents'] ?? []
  if (!Array.isArray(parents)) throw malformed('`parents` must be a list')
  const type = schema?.entityType(uid.type)
  return {
    uid,
    attributes: parseFields(json['attrs'], (name) => own(type?.attributes, name)),
    parents: parents.map((parent: unknown) => entityUidFromJson(parent)),
    tags: parseFields(json['tags'], () => type?.tags),
  }
}

function parseFields(
  json: unknown = {},
  typeOf: (name: string) => TypeDefinition | undefined,
): Iterable<readonly [string, Value]> {
  if (!isObject(json)) throw malformed('`attrs` and `tags` must be objects')
  return Object.entries(json).map(([name, value]) => [name, valueFromJson(value, typeOf(name))])
}

function own<T>(fields: { readonly [name: string]: T } | undefined, name: string): T | undefined {
  return fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined
}

function malformed(message: string): PolicyError {
  return new PolicyError('ERR_POLICY_ENTITY', message)
}
