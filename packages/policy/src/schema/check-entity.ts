// An entity against the schema, before it is decided on: a residual, a query and a policy's `has` rely on it.
// Cedar reference: docs.cedarpolicy.com/policies/validation.html (entities)

import type { Entity } from '../entity/entities.ts'
import { problem } from '../errors.ts'
import type { Problem } from '../problem.ts'
import { compileFields, compileId, compileValue, hasFields, type FieldsCheck, type ValueCheck } from './check-value.ts'
import { ancestorTypes } from './ancestor-types.ts'
import type { EntityTypeDefinition, TypeDefinition } from './definition.ts'
import { fieldProblems } from './field-problems.ts'
import { perSchema } from './per-schema.ts'
import type { Schema } from './schema.ts'

/**
 * All problems of an entity; empty when its attributes, tags, id and the types of its ancestors are what the schema says.
 * Does not check that referenced entities exist. Codes: `ERR_POLICY_ENTITY_...`. Messages hold names, never values.
 * Cost: linear in the entity; checks are compiled once per schema and type.
 */
export function checkEntity(schema: Schema, entity: Entity): readonly Problem[] {
  const type = schema.entityType(entity.uid.type)
  if (type === undefined) {
    return [problem('ERR_POLICY_ENTITY_TYPE', `the entity type \`${entity.uid.type}\` is not in the schema`)]
  }
  const check = entityCheck(schema, type)
  return isValid(entity, check) ? NONE : problemsOf(entity, check)
}

interface EntityCheck {
  readonly attributes: FieldsCheck
  readonly hasId: (id: string) => boolean
  readonly ancestors: ReadonlyMap<string, (id: string) => boolean>
  readonly tag: { readonly type: TypeDefinition; readonly check: ValueCheck } | undefined
}

const NONE: readonly Problem[] = Object.freeze([])

const entityCheck = perSchema((schema: Schema, type: EntityTypeDefinition): EntityCheck => {
  const { entities } = schema.definition
  const ids = type.enum === undefined ? undefined : new Set(type.enum)
  const ancestors = ancestorTypes(type.parents, entities)
  return {
    attributes: compileFields(type.attributes, entities),
    hasId: (id) => ids === undefined || ids.has(id),
    ancestors: new Map([...ancestors].map((ancestor) => [ancestor, compileId(ancestor, entities)])),
    tag: type.tags === undefined ? undefined : { type: type.tags, check: compileValue(type.tags, entities) },
  }
})

function isValid({ uid, attributes, ancestors, tags }: Entity, check: EntityCheck): boolean {
  if (!check.hasId(uid.id) || !hasFields(attributes, check.attributes)) return false
  for (const [type, ids] of ancestors) {
    const hasId = check.ancestors.get(type)
    if (hasId === undefined) return false
    for (const id of ids) if (!hasId(id)) return false
  }
  for (const value of tags.values()) if (check.tag?.check(value) !== true) return false
  return true
}

function problemsOf({ uid, attributes, ancestors, tags }: Entity, check: EntityCheck): readonly Problem[] {
  const found: Problem[] = []
  const where = `an entity of type \`${uid.type}\``
  if (!check.hasId(uid.id)) found.push(problem('ERR_POLICY_ENTITY_ENUM', `${where} has an id that is not enumerated`))
  found.push(...fieldProblems(attributes, check.attributes, 'ERR_POLICY_ENTITY_ATTRIBUTE', where))
  for (const [type, ids] of ancestors) {
    const hasId = check.ancestors.get(type)
    if (hasId === undefined) {
      found.push(problem('ERR_POLICY_ENTITY_ANCESTOR', `${where} cannot be in one of type \`${type}\``))
    } else if (![...ids].every(hasId)) {
      found.push(
        problem('ERR_POLICY_ENTITY_ENUM', `${where} is in one of type \`${type}\` with an id that is not enumerated`),
      )
    }
  }
  if (tags.size > 0 && check.tag === undefined)
    found.push(problem('ERR_POLICY_ENTITY_TAG', `${where} cannot have tags`))
  else if (![...tags.values()].every((value) => check.tag?.check(value) === true)) {
    found.push(problem('ERR_POLICY_ENTITY_TAG', `a tag of ${where} has another type than the schema says`))
  }
  return found
}
