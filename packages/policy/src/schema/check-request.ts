// A request against the schema: the action's principals, resources and context.
// Cedar reference: docs.cedarpolicy.com/policies/validation.html (requests)

import { problem } from '../errors.ts'
import type { Problem } from '../problem.ts'
import type { EntityUid, Value } from '../value/value.ts'
import { compileFields, compileId, hasFields, type FieldsCheck } from './check-value.ts'
import type { ActionDefinition } from './definition.ts'
import { fieldProblems } from './field-problems.ts'
import { perSchema } from './per-schema.ts'
import type { Schema } from './schema.ts'

/** The parts of a request that a schema says something about. Without a resource, it is not checked. */
export interface CheckableRequest {
  readonly principal: EntityUid
  readonly action: EntityUid
  readonly resource?: EntityUid
  readonly context: ReadonlyMap<string, Value>
}

/**
 * All problems of a request; empty when the action exists, applies to both types, and its context is complete and right.
 * Codes: `ERR_POLICY_REQUEST_...`. Messages hold names, never values. Cost: linear in the context.
 */
export function checkRequest(schema: Schema, request: CheckableRequest): readonly Problem[] {
  const { principal, action, resource, context } = request
  const definition = schema.action(action)
  if (definition === undefined) return [problem('ERR_POLICY_REQUEST_ACTION', 'the action is not in the schema')]
  const check = actionCheck(schema, definition)
  const hasPrincipal = check.principals.get(principal.type)?.(principal.id) === true
  const hasResource = resource === undefined || check.resources.get(resource.type)?.(resource.id) === true
  if (hasPrincipal && hasResource && hasFields(context, check.context)) return NONE
  const found: Problem[] = []
  if (!hasPrincipal) {
    found.push(problem('ERR_POLICY_REQUEST_PRINCIPAL', `the action cannot be done by a \`${principal.type}\``))
  }
  if (!hasResource) {
    found.push(problem('ERR_POLICY_REQUEST_RESOURCE', `the action cannot be done on a \`${resource.type}\``))
  }
  return [...found, ...fieldProblems(context, check.context, 'ERR_POLICY_REQUEST_CONTEXT', 'the context')]
}

interface ActionCheck {
  readonly principals: ReadonlyMap<string, (id: string) => boolean>
  readonly resources: ReadonlyMap<string, (id: string) => boolean>
  readonly context: FieldsCheck
}

const NONE: readonly Problem[] = Object.freeze([])

const actionCheck = perSchema((schema: Schema, action: ActionDefinition): ActionCheck => {
  const { entities } = schema.definition
  return {
    principals: new Map(action.principals.map((type) => [type, compileId(type, entities)])),
    resources: new Map(action.resources.map((type) => [type, compileId(type, entities)])),
    context: compileFields(action.context, entities),
  }
})
