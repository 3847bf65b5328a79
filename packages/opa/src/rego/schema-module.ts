// The schema as one module: whether JSON is what a type says, and the value that it then is. Rego has no recursion, so each type of a
// set or a record is a function of its own; equal types share one.

import {
  type ActionUid,
  ancestorTypes,
  describeType,
  type AttributeDefinitions,
  type Schema,
  type TypeDefinition,
} from '@cardea/policy'
import { commentOf } from './comment.ts'
import { entityTerm, objectTerm, setTerm, textTerm } from './term.ts'

/** The module `<root>.schema`. Cost: linear in the schema. */
export function schemaModule(schema: Schema, root: string): string {
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
    values.text(),
  ].join('')
}

/** Rego has no function without a rule. */
const NO_TYPES = ['attributes', 'tags', 'has_id'].map((name) => `${name}(_, _) := {} if false\n\n`)
const NO_CONTEXTS = ['context(_, _) := {} if false\n\n']

function actionTerm(uid: ActionUid): string {
  return entityTerm({ kind: 'entity', ...uid })
}

function typeTable(name: string, rows: readonly (readonly [key: string, types: readonly string[]])[]): string {
  return `${name} := {\n${rows.map(([key, types]) => `\t${key}: ${setTerm(types.map(textTerm))},\n`).join('')}}\n\n`
}

interface Values {
  /** The name of the function of a record with these attributes. */
  record(attributes: AttributeDefinitions): string
  /** The same of tags, whose names are free. */
  tags(type: TypeDefinition): string
  text(): string
}

function createValues({ definition: { entities } }: Schema): Values {
  const names = new Map<string, string>()
  const functions: string[] = []

  /** The call that makes a value of the type of what the variable holds. */
  function convert(type: TypeDefinition, variable: string): string {
    switch (type.type) {
      case 'Bool':
      case 'Long':
      case 'String':
      case 'decimal':
      case 'datetime':
      case 'duration':
        return `cedar.${type.type.toLowerCase()}_of(${variable})`
      case 'ipaddr':
        return `cedar.ip_of(${variable})`
      case 'Entity':
        return entities[type.name]?.enum === undefined
          ? `cedar.entity_of(${variable}, ${textTerm(type.name)})`
          : `${named(type, enumerated)}(${variable})`
      case 'Set':
        return `${named(type, setOf)}(${variable})`
      case 'Record':
        return `${named(type, recordOf)}(${variable})`
      default:
        return type satisfies never
    }
  }

  /** The function of the type, written when it is first asked for. */
  function named<Type extends TypeDefinition>(type: Type, writeFunction: (type: Type, name: string) => string): string {
    const key = `${writeFunction.name} ${JSON.stringify(type, withoutNotes)}`
    let name = names.get(key)
    if (name === undefined) {
      name = `value_${names.size}`
      names.set(key, name)
      functions.push(writeFunction(type, name))
    }
    return name
  }

  function enumerated(type: TypeDefinition & { type: 'Entity' }, name: string): string {
    return `${name}(document) := uid if {
	uid := cedar.entity_of(document, ${textTerm(type.name)})
	has_id(uid[0], uid[1])
}

`
  }

  function setOf(type: TypeDefinition & { type: 'Set' }, name: string): string {
    const value = convert(type.element, 'item')
    return `${commentOf(describeType(type))}${name}(document) := {value | some item in document; value := ${value}} if {
	is_array(document)
	every item in document { _ = ${value} }
}

`
  }

  function recordOf(type: TypeDefinition & { type: 'Record' }, name: string): string {
    const attributes = Object.entries(type.attributes)
    const required = attributes
      .filter(([, { optional }]) => optional !== true)
      .map(([attribute]) => textTerm(attribute))
    const fields = attributes.map(
      ([attribute, definition]) => `${name}_field(${textTerm(attribute)}, item) := ${convert(definition, 'item')}\n\n`,
    )
    const isEmpty = `${name}(document) := {} if {\n\tis_object(document)\n\tcount(document) == 0\n}\n\n`
    if (fields.length === 0) return isEmpty
    return `${commentOf(describeType(type))}${name}(document) := fields if {
	is_object(document)
	${required.length === 0 ? '' : `count(${setTerm(required)} - object.keys(document)) == 0\n\t`}fields := {attribute: value | some attribute, item in document; value := ${name}_field(attribute, item)}
	count(fields) == count(document)
}

${fields.join('')}`
  }

  function tagsOf(type: TypeDefinition, name: string): string {
    const value = convert(type, 'item')
    return `${name}(document) := fields if {
	is_object(document)
	fields := {tag: value | some tag, item in document; value := ${value}}
	count(fields) == count(document)
}

`
  }

  return {
    record: (attributes) => named({ type: 'Record', attributes }, recordOf),
    tags: (type) => named(type, tagsOf),
    text: () => functions.join(''),
  }
}

/** Annotations tell types of equal form apart for people alone. */
function withoutNotes(name: string, value: unknown): unknown {
  return name === 'annotations' ? undefined : value
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
