// What must hold of a definition before anything relies on it. A generated one holds it already; one from a file or by hand may not.

import { createEntities } from '../entity/entities.ts'
import { PolicyError, problem } from '../errors.ts'
import type { Problem } from '../problem.ts'
import { didYouMean } from '../syntax/near-miss.ts'
import { actionName, isActionType } from './action-name.ts'
import type {
  ActionDefinition,
  ActionUid,
  AttributeDefinitions,
  EntityTypeDefinition,
  SchemaDefinition,
  TypeDefinition,
} from './definition.ts'

/** Nesting of sets and records in a type; values have the same bound. */
const MAXIMUM_DEPTH = 64

/** All problems, in the definition's order. Empty: every name that occurs is declared, and groups of actions end. */
export function checkDefinition(definition: SchemaDefinition): readonly Problem[] {
  const found: Problem[] = []
  const context: Checking = {
    types: new Set(Object.keys(definition.entities)),
    actions: new Set(Object.values(definition.actions).map(({ uid }) => keyOf(uid))),
    report(message, hint) {
      found.push(problem('ERR_POLICY_SCHEMA', message, { hint }))
    },
  }
  for (const [name, type] of Object.entries(definition.entities)) checkEntityType(name, type, context)
  for (const [name, action] of Object.entries(definition.actions)) checkAction(name, action, context)
  if (found.length === 0) checkGroupsEnd(definition, context)
  return found
}

interface Checking {
  readonly types: ReadonlySet<string>
  readonly actions: ReadonlySet<string>
  readonly report: (message: string, hint?: string) => void
}

function checkEntityType(name: string, type: EntityTypeDefinition, context: Checking): void {
  const where = `the entity type \`${name}\``
  if (isActionType(name)) context.report(`${where} has the name of the type of actions`)
  checkNames(type.parents, `a parent of ${where}`, context)
  checkAttributes(type.attributes, where, context, MAXIMUM_DEPTH)
  if (type.tags !== undefined) checkType(type.tags, `the tags of ${where}`, context, MAXIMUM_DEPTH)
  if (type.enum === undefined) return
  if (type.enum.length === 0) context.report(`${where} enumerates no ids`)
  if (type.parents.length > 0 || Object.keys(type.attributes).length > 0 || type.tags !== undefined) {
    context.report(`${where} enumerates its ids, so it can have no parents, attributes or tags`)
  }
}

function checkAction(name: string, action: ActionDefinition, context: Checking): void {
  const where = `the action \`${name}\``
  if (!isActionType(action.uid.type))
    context.report(`${where} is of the type \`${action.uid.type}\`, which is no type of actions`)
  else if (actionName(action.uid) !== name) context.report(`${where} stands under a name that is not its own`)
  for (const group of action.memberOf) {
    if (!context.actions.has(keyOf(group))) context.report(`a group of ${where} is no declared action`)
  }
  checkNames(action.principals, `a principal of ${where}`, context)
  checkNames(action.resources, `a resource of ${where}`, context)
  checkAttributes(action.context, `the context of ${where}`, context, MAXIMUM_DEPTH)
}

function checkNames(names: readonly string[], where: string, context: Checking): void {
  for (const name of names) checkName(name, where, context)
}

function checkName(name: string, where: string, { types, report }: Checking): void {
  if (types.has(name)) return
  report(`${where} is of the type \`${name}\`, which is not declared`, didYouMean(name, types))
}

function checkAttributes(attributes: AttributeDefinitions, where: string, context: Checking, depth: number): void {
  for (const [name, type] of Object.entries(attributes)) {
    checkType(type, `the attribute \`${name}\` of ${where}`, context, depth)
  }
}

function checkType(type: TypeDefinition, where: string, context: Checking, depth: number): void {
  if (depth === 0) {
    context.report(`${where} is nested deeper than ${MAXIMUM_DEPTH}`)
    return
  }
  switch (type.type) {
    case 'Bool':
    case 'Long':
    case 'String':
    case 'decimal':
    case 'ipaddr':
    case 'datetime':
    case 'duration':
      return
    case 'Entity':
      checkName(type.name, where, context)
      return
    case 'Set':
      checkType(type.element, where, context, depth - 1)
      return
    case 'Record':
      checkAttributes(type.attributes, where, context, depth - 1)
      return
    default:
      void (type satisfies never)
      context.report(`${where} is of no type of Cedar`)
  }
}

function checkGroupsEnd({ actions }: SchemaDefinition, context: Checking): void {
  try {
    createEntities(
      Object.values(actions).map(({ uid, memberOf }) => ({ uid: entity(uid), parents: memberOf.map(entity) })),
    )
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    context.report(`in the hierarchy of actions, ${error.message}`)
  }

  function entity({ type, id }: ActionUid): { kind: 'entity'; type: string; id: string } {
    return { kind: 'entity', type, id }
  }
}

function keyOf({ type, id }: ActionUid): string {
  return `${type}::${id}`
}
