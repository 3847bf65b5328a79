// Schema text to the plain definition that the engine reads, by Cedar's own schema parser; common types are written out.
// Case files use one schema many times, so the last texts are kept.

import { schemaToJsonWithResolvedTypes } from '@cedar-policy/cedar-wasm/nodejs'
import type {
  ActionDefinition,
  AttributeDefinition,
  EntityTypeDefinition,
  PrimitiveTypeName,
  SchemaDefinition,
  TypeDefinition,
} from '@cardea/policy'

/** Schema text to definition. Throws an `Error` with Cedar's message when the text is no schema. */
export type SchemaReader = (text: string) => SchemaDefinition

export function createSchemaReader(): SchemaReader {
  const known = new Map<string, SchemaDefinition>()
  return (text) => {
    let definition = known.get(text)
    if (definition === undefined) {
      if (known.size === KEPT) known.clear()
      definition = readSchema(text)
      known.set(text, definition)
    }
    return definition
  }
}

const KEPT = 256

/** The parts of Cedar's JSON schema format that can stand in a resolved schema. */
interface JsonType {
  readonly type: string
  readonly name?: string
  readonly element?: JsonType
  readonly attributes?: { readonly [name: string]: JsonAttribute }
}

type JsonAttribute = JsonType & { readonly required?: boolean }

interface JsonNamespace {
  readonly commonTypes?: { readonly [name: string]: JsonType }
  readonly entityTypes: { readonly [name: string]: JsonEntityType }
  readonly actions: { readonly [id: string]: JsonAction }
}

interface JsonEntityType {
  readonly memberOfTypes?: readonly string[]
  readonly shape?: JsonType
  readonly tags?: JsonType
  readonly enum?: readonly string[]
}

interface JsonAction {
  readonly appliesTo?: {
    readonly principalTypes: readonly string[]
    readonly resourceTypes: readonly string[]
    readonly context?: JsonType
  }
  readonly memberOf?: readonly { readonly type?: string; readonly id: string }[]
}

type CommonTypes = ReadonlyMap<string, JsonType>

function readSchema(text: string): SchemaDefinition {
  const answer = schemaToJsonWithResolvedTypes(text)
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
  const namespaces: readonly (readonly [string, JsonNamespace])[] = Object.entries(answer.json)
  const common: CommonTypes = new Map(
    namespaces.flatMap(([namespace, { commonTypes = {} }]) =>
      Object.entries(commonTypes).map(([name, type]) => [qualified(namespace, name), type] as const),
    ),
  )
  return {
    entities: Object.fromEntries(
      namespaces.flatMap(([namespace, { entityTypes }]) =>
        Object.entries(entityTypes).map(([name, type]) => [qualified(namespace, name), readEntityType(type, common)]),
      ),
    ),
    actions: Object.fromEntries(
      namespaces.flatMap(([namespace, { actions }]) =>
        Object.entries(actions).map(([id, action]) => [
          qualified(namespace, id),
          readAction(namespace, id, action, common),
        ]),
      ),
    ),
  }
}

function qualified(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}::${name}`
}

function readEntityType(json: JsonEntityType, common: CommonTypes): EntityTypeDefinition {
  return {
    parents: json.memberOfTypes ?? [],
    attributes: attributesOf(json.shape, common),
    ...(json.tags === undefined ? {} : { tags: readType(json.tags, common) }),
    // Cedar takes an id that is listed twice for one
    ...(json.enum === undefined ? {} : { enum: [...new Set(json.enum)] }),
  }
}

function readAction(namespace: string, id: string, json: JsonAction, common: CommonTypes): ActionDefinition {
  const type = qualified(namespace, 'Action')
  return {
    uid: { type, id },
    memberOf: (json.memberOf ?? []).map((group) => ({ type: group.type ?? type, id: group.id })),
    principals: json.appliesTo?.principalTypes ?? [],
    resources: json.appliesTo?.resourceTypes ?? [],
    context: attributesOf(json.appliesTo?.context, common),
  }
}

function attributesOf(
  json: JsonType | undefined,
  common: CommonTypes,
): { readonly [name: string]: AttributeDefinition } {
  if (json === undefined) return {}
  const type = readType(json, common)
  if (type.type !== 'Record') throw new Error('attributes must be a record')
  return type.attributes
}

const PRIMITIVES: ReadonlyMap<string, PrimitiveTypeName> = new Map([
  ['Boolean', 'Bool'],
  ['Bool', 'Bool'],
  ['Long', 'Long'],
  ['String', 'String'],
  ['decimal', 'decimal'],
  ['ipaddr', 'ipaddr'],
  ['datetime', 'datetime'],
  ['duration', 'duration'],
])

function readType(json: JsonType, common: CommonTypes): TypeDefinition {
  if (json.type === 'Set' && json.element !== undefined) return { type: 'Set', element: readType(json.element, common) }
  if (json.type === 'Record') {
    const attributes = Object.entries(json.attributes ?? {})
    return {
      type: 'Record',
      attributes: Object.fromEntries(attributes.map(([name, type]) => [name, readAttribute(type, common)])),
    }
  }
  if (json.type === 'Entity' && json.name !== undefined) return { type: 'Entity', name: json.name }
  const name = json.type === 'Extension' ? (json.name ?? '') : json.type
  // a common type may have the name of an extension type, but not of a primitive one
  const shared = common.get(name)
  if (shared !== undefined) return readType(shared, common)
  const primitive = PRIMITIVES.get(name.replace(/^__cedar::/, ''))
  if (primitive === undefined) throw new Error(`unknown type ${name}`)
  return { type: primitive }
}

function readAttribute(json: JsonAttribute, common: CommonTypes): AttributeDefinition {
  const type = readType(json, common)
  return json.required === false ? { ...type, optional: true } : type
}
