// The schema as one module: whether JSON is what a type says, and the value that it then is.

import type { ClaimsPlan } from '@cardea/claims'
import { type ActionUid, ancestorTypes, type Schema } from '@cardea/policy'
import { commentOf } from './comment.ts'
import { entityTerm, objectTerm, setTerm, textTerm } from './term.ts'
import { createValues, type Values } from './value-functions.ts'

/** The module `<root>.schema`; with plans also what a token packed by each says of its principal. Cost: linear in the schema and the plans. */
export function schemaModule(schema: Schema, root: string, plans: readonly ClaimsPlan[] = []): string {
  const values = createValues(schema)
  const { entities, actions } = schema.definition
  const types = Object.entries(entities).map(([type, { attributes, tags, enum: ids }]) => {
    const own = textTerm(type)
    return [
      commentOf(`entity ${type}`),
      `attributes(${own}, document) := ${values.record(attributes)}(document)\n\n`,
      `tags(${own}, document) := ${tags === undefined ? values.record({}) : values.tags(tags)}(document)\n\n`,
      ids === undefined ? `has_id(${own}, _)\n\n` : `has_id(${own}, id) if id in ${setTerm(ids.map(textTerm))}\n\n`,
    ].join('')
  })
  const asked = Object.values(actions).filter(({ principals }) => principals.length > 0)
  const contexts = asked.map(
    ({ uid, context }) => `context(${actionTerm(uid)}, document) := ${values.record(context)}(document)\n\n`,
  )
  const above = Object.entries(entities).map(
    ([type, { parents }]) => [textTerm(type), [...ancestorTypes(parents, entities)].toSorted()] as const,
  )
  return [
    head(root),
    typeTable('ancestor_types', above),
    typeTable(
      'principal_types',
      asked.map(({ uid, principals }) => [actionTerm(uid), principals]),
    ),
    typeTable(
      'resource_types',
      asked.map(({ uid, resources }) => [actionTerm(uid), resources]),
    ),
    actionEntities(schema),
    ...(types.length === 0 ? NO_TYPES : types),
    ...(contexts.length === 0 ? NO_CONTEXTS : contexts),
    ...plans.map((plan) => planFunctions(plan, schema, values)),
    values.text(),
  ].join('')
}

/** Rego has no function without a rule. */
const NO_TYPES = ['attributes', 'tags', 'has_id'].map((name) => `${name}(_, _) := {} if false\n\n`)
const NO_CONTEXTS = ['context(_, _) := {} if false\n\n']

/** What a token that was packed by the plan says of its principal. */
function planFunctions({ digest, principals }: ClaimsPlan, schema: Schema, values: Values): string {
  const types = new Set(Object.values(schema.definition.actions).flatMap((action) => action.principals))
  return [...types]
    .map((type) => {
      const planned = (Object.hasOwn(principals, type) ? principals[type] : undefined)?.attributes ?? []
      const claims = values.claims(planned, schema.entityType(type)?.attributes ?? {})
      return `principal_attributes(${textTerm(digest)}, ${textTerm(type)}, document) := ${claims}(document)\n\n`
    })
    .join('')
}

function actionTerm(uid: ActionUid): string {
  return entityTerm({ kind: 'entity', ...uid })
}

function typeTable(name: string, rows: readonly (readonly [key: string, types: readonly string[]])[]): string {
  return `${name} := {\n${rows.map(([key, types]) => `\t${key}: ${setTerm(types.map(textTerm))},\n`).join('')}}\n\n`
}

function actionEntities(schema: Schema): string {
  const entities = Object.values(schema.definition.actions).map(({ uid }) => {
    const action = { kind: 'entity', ...uid } as const
    const ancestors = setTerm((schema.actionEntities.get(action)?.ancestors.uids ?? []).map(entityTerm))
    return `\t${entityTerm(action)}: ${objectTerm([
      ['attributes', '{}'],
      ['ancestors', ancestors],
      ['tags', '{}'],
    ])},\n`
  })
  return `# The hierarchy of actions.\nactions := {\n${entities.join('')}}\n\n`
}

function head(root: string): string {
  return `# The schema: JSON that fits it becomes values of Cedar, anything else is undefined. Made by Cardea.
package ${root}.schema

import data.cardea.cedar

# Whether the action can be asked for these two.
applies(action, principal, resource) if {
	principal[0] in principal_types[action]
	has_id(principal[0], principal[1])
	resource[0] in resource_types[action]
	has_id(resource[0], resource[1])
}

`
}
