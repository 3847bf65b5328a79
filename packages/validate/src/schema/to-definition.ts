// Cedar's JSON schema format to a definition: names written out in full, common types replaced by what they stand for.
// Cedar reference: docs.cedarpolicy.com/schema/json-schema.html

import {
  actionName,
  type ActionDefinition,
  type ActionUid,
  type Annotations,
  type AttributeDefinition,
  type AttributeDefinitions,
  type EntityTypeDefinition,
  type SchemaDefinition,
} from '@cardea/policy'
import type { ActionType, EntityTypeKind, NamespaceDefinition, SchemaJson } from '@cedar-policy/cedar-wasm/nodejs'
import { ValidateError } from '../errors.ts'
import { createTypeReader, type ReadType } from './type-reader.ts'

/**
 * The definition. Errors: `ERR_VALIDATE_SCHEMA_ACTION` for two actions of one name, `ERR_VALIDATE_SCHEMA_LIMIT` for too much of it,
 * `ERR_VALIDATE_SCHEMA` for a form that Cedar does not write.
 */
export function toDefinition(json: SchemaJson<string>, limits: { readonly types: number }): SchemaDefinition {
  const namespaces = Object.entries(json)
  const readType = createTypeReader(commonTypes(namespaces), limits.types)
  const entities = namespaces.flatMap(([namespace, { entityTypes }]) =>
    Object.entries(entityTypes).map(
      ([name, type]) => [qualified(namespace, name), entityType(type, readType)] as const,
    ),
  )
  const actions = new Map<string, ActionDefinition>()
  for (const [namespace, { actions: types }] of namespaces) {
    for (const [id, type] of Object.entries(types)) {
      const action = actionDefinition({ type: qualified(namespace, 'Action'), id }, type, readType)
      const name = actionName(action.uid)
      if (actions.has(name)) throw sameName(name)
      actions.set(name, action)
    }
  }
  return { entities: Object.fromEntries(entities), actions: Object.fromEntries(actions) }
}

type Namespaces = readonly (readonly [string, NamespaceDefinition<string>])[]

function commonTypes(namespaces: Namespaces): ReadonlyMap<string, unknown> {
  return new Map(
    namespaces.flatMap(([namespace, definition]) =>
      Object.entries(definition.commonTypes ?? {}).map(([name, type]) => [qualified(namespace, name), type] as const),
    ),
  )
}

function entityType(json: EntityTypeKind<string> & Annotated, readType: ReadType): EntityTypeDefinition {
  const annotations = annotationsOf(json)
  if ('enum' in json) return { parents: [], attributes: {}, enum: [...new Set(json.enum)], ...annotations }
  return {
    parents: json.memberOfTypes ?? [],
    attributes: json.shape === undefined ? {} : attributesOf(json.shape, readType),
    ...(json.tags === undefined ? {} : { tags: readType(json.tags) }),
    ...annotations,
  }
}

function actionDefinition(uid: ActionUid, json: ActionType<string>, readType: ReadType): ActionDefinition {
  const { memberOf = [], appliesTo } = json
  return {
    uid,
    memberOf: memberOf.map(({ type = uid.type, id }) => ({ type, id })),
    principals: appliesTo?.principalTypes ?? [],
    resources: appliesTo?.resourceTypes ?? [],
    context: appliesTo?.context === undefined ? {} : attributesOf(appliesTo.context, readType),
    ...annotationsOf(json),
  }
}

function attributesOf(json: unknown, readType: ReadType): AttributeDefinitions {
  const type = readType(json)
  if (type.type === 'Record') return type.attributes
  throw new ValidateError('ERR_VALIDATE_SCHEMA', 'attributes are declared by a type that is no record')
}

interface Annotated {
  readonly annotations?: Annotations
}

function annotationsOf({ annotations }: Annotated): Pick<AttributeDefinition, 'annotations'> {
  return annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations }
}

function qualified(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}::${name}`
}

function sameName(name: string): ValidateError {
  return new ValidateError('ERR_VALIDATE_SCHEMA_ACTION', `two actions are named \`${name}\` outside of policies`, {
    hint: 'an id with `::` can look like an action of a namespace; rename one',
  })
}
