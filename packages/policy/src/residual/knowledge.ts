// What a partial request says for certain: values, entities, and what a schema declares of the rest.

import type { Program } from '../compile/program.ts'
import { beginEvaluation } from '../decide/request.ts'
import { createClock } from '../operator/clock.ts'
import type { Clock } from '../operator/clock.ts'
import { findEntity, NOBODY } from '../operator/evaluation.ts'
import type { Declarations } from '../operator/operator.ts'
import type { Knowledge } from '../operator/partial.ts'
import { NOTHING_DECLARED } from '../operator/prove.ts'
import { commonType } from '../operator/type-of.ts'
import { ancestorTypes } from '../schema/ancestor-types.ts'
import type { ActionDefinition, AttributeDefinition, TypeDefinition } from '../schema/definition.ts'
import type { Schema } from '../schema/schema.ts'
import type { VariableName } from '../syntax/tree.ts'
import type { EntityUid } from '../value/value.ts'
import { isUnknown, unknownsOf } from './request.ts'
import type { PartialRequest, UnknownEntity } from './request.ts'

/** The request with what the schema implies where it may be relied on: the only type that the action is done by, or on. */
export function withImpliedTypes(request: PartialRequest, schema: Schema | undefined): PartialRequest {
  if (schema === undefined || request.checked !== true) return request
  const actions = actionsOf(request, schema)
  const implied = (entity: EntityUid | UnknownEntity, types: readonly string[]): EntityUid | UnknownEntity => {
    const [only, ...others] = new Set(types)
    const isImplied = isUnknown(entity) && entity.type === undefined && only !== undefined && others.length === 0
    return isImplied ? { kind: 'unknown', type: only } : entity
  }
  return {
    ...request,
    principal: implied(
      request.principal,
      actions.flatMap(({ principals }) => principals),
    ),
    resource: implied(
      request.resource,
      actions.flatMap(({ resources }) => resources),
    ),
  }
}

/** `isUnseen` tells of which types entities may exist that nobody has loaded. */
export function knowledgeOf(
  program: Program,
  request: PartialRequest,
  isUnseen: (type: string) => boolean,
): Knowledge & { readonly clock: Clock | undefined } {
  const { schema } = program
  const { principal, action, resource, context, unknownContext = [], checked = false } = request
  const nobody = (entity: EntityUid | UnknownEntity): EntityUid => (isUnknown(entity) ? NOBODY : entity)
  const evaluation = beginEvaluation(program, {
    ...request,
    principal: nobody(principal),
    action: nobody(action),
    resource: nobody(resource),
  })
  const unknowns: ReadonlySet<VariableName> = new Set(unknownsOf(request))
  const actions = schema === undefined ? [] : actionsOf(request, schema)
  const named = requestTypes(request)
  const declared = schema === undefined ? named : declarationsOf(schema, named, actions)
  const now = context.get('now')
  const isTimeKnown = typeof now === 'object' && now.kind === 'datetime'
  return {
    evaluation,
    knows: (name) => !unknowns.has(name),
    knowsContext: (name) => (unknownContext === 'others' ? context.has(name) : !unknownContext.includes(name)),
    knowsEntity: (uid) => findEntity(evaluation, uid) !== undefined || !isUnseen(uid.type),
    declared,
    proven: checked ? declared : named,
    actions: checked && isUnknown(action) && schema !== undefined ? actions.map(uidOf) : undefined,
    clock: isTimeKnown ? createClock(now.milliseconds) : undefined,
  }
}

/** The actions that the request may be for, as far as the schema tells. */
function actionsOf({ principal, action, resource }: PartialRequest, schema: Schema): readonly ActionDefinition[] {
  if (!isUnknown(action)) {
    const only = schema.action(action)
    return only === undefined ? [] : [only]
  }
  return Object.values(schema.definition.actions).filter(
    ({ uid, principals, resources }) =>
      (action.type === undefined || action.type === uid.type) &&
      admits(principals, principal.type) &&
      admits(resources, resource.type),
  )
}

function admits(types: readonly string[], type: string | undefined): boolean {
  return type === undefined ? types.length > 0 : types.includes(type)
}

function uidOf({ uid: { type, id } }: ActionDefinition): EntityUid {
  return { kind: 'entity', type, id }
}

/** The types of entities that the request itself names. */
function requestTypes(request: PartialRequest): Declarations {
  return {
    ...NOTHING_DECLARED,
    variable(name) {
      if (name === 'context') return undefined
      const { type } = request[name]
      return type === undefined ? undefined : { type: 'Entity', name: type }
    },
  }
}

function declarationsOf(schema: Schema, named: Declarations, actions: readonly ActionDefinition[]): Declarations {
  const context = contextType(actions)
  return {
    variable(name) {
      if (name === 'context') return context
      return name === 'action' ? (named.variable(name) ?? commonType(actions.map(actionType))) : named.variable(name)
    },
    entityType: (name) => schema.entityType(name),
    ancestorTypes(name) {
      const type = schema.entityType(name)
      return type === undefined ? undefined : ancestorTypes(type.parents, schema.definition.entities)
    },
  }
}

function actionType({ uid }: ActionDefinition): TypeDefinition {
  return { type: 'Entity', name: uid.type }
}

/** What every context has, whichever action it is for; `undefined` where they disagree about a type. */
function contextType(actions: readonly ActionDefinition[]): TypeDefinition | undefined {
  const [only] = actions
  if (only === undefined) return undefined
  if (actions.length === 1) return { type: 'Record', attributes: only.context }
  const attributes = new Map<string, AttributeDefinition>()
  for (const name of new Set(actions.flatMap(({ context }) => Object.keys(context)))) {
    const declared = actions.flatMap(({ context }) => (Object.hasOwn(context, name) ? context[name] : undefined) ?? [])
    const type = commonType(declared)
    if (type === undefined) return undefined
    const isRequired = declared.length === actions.length && declared.every(({ optional }) => optional !== true)
    attributes.set(name, isRequired ? type : { ...type, optional: true })
  }
  return { type: 'Record', attributes: Object.fromEntries(attributes) }
}
