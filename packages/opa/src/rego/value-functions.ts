// The functions that make values of JSON by its type. Rego has no recursion, so each type of a set or a record is a function of its own;
// equal types share one. INVARIANT: a function is undefined for whatever is not wholly of its type.

import type { PlannedAttribute } from '@cardea/claims'
import {
  type AttributeDefinition,
  type AttributeDefinitions,
  describeType,
  type Schema,
  type TypeDefinition,
} from '@cardea/policy'
import { commentOf } from './comment.ts'
import { setTerm, textTerm } from './term.ts'

export interface Values {
  /** The name of the function of a record with these attributes. */
  record(attributes: AttributeDefinitions): string
  /** The same of tags, whose names are free. */
  tags(type: TypeDefinition): string
  /** The same of what a token says of the planned attributes. */
  claims(planned: readonly PlannedAttribute[], attributes: AttributeDefinitions): string
  text(): string
}

export function createValues({ definition: { entities } }: Schema): Values {
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
    return remembered(`${writeFunction.name} ${JSON.stringify(type, withoutNotes)}`, (name) =>
      writeFunction(type, name),
    )
  }

  function remembered(key: string, writeNamed: (name: string) => string): string {
    let name = names.get(key)
    if (name === undefined) {
      name = `value_${names.size}`
      names.set(key, name)
      functions.push(writeNamed(name))
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

  /** `null` says that there is none; what a restrictive condition reads must be said. */
  function claimsOf(planned: readonly PlannedAttribute[], attributes: AttributeDefinitions, name: string): string {
    const byName = Map.groupBy(planned, ({ path: [first = ''] }) => first)
    const restrictive = [...byName].filter(([, group]) => group.some((each) => each.restrictive)).map(([own]) => own)
    const optional = [...byName.keys()].filter((own) => attributes[own]?.optional === true)
    const fields = [...byName].map(
      ([own, group]) => `${name}_field(${textTerm(own)}, item) := ${claimOf(group, attributes[own])}\n\n`,
    )
    return `${name}(document) := fields if {
	is_object(document)
	count(${setTerm(restrictive.map(textTerm))} - object.keys(document)) == 0
	count({attribute | some attribute, item in document; item == null} - ${setTerm(optional.map(textTerm))}) == 0
	said := {attribute: item | some attribute, item in document; item != null}
	fields := {attribute: value | some attribute, item in said; value := ${name}_field(attribute, item)}
	count(fields) == count(said)
}

${fields.length === 0 ? `${name}_field(_, _) := {} if false\n\n` : fields.join('')}`
  }

  /** The whole value, or of a record the fields that are planned. */
  function claimOf(planned: readonly PlannedAttribute[], definition: AttributeDefinition | undefined): string {
    if (definition === undefined) return 'cedar.error'
    const isWhole = definition.type !== 'Record' || planned.some(({ path }) => path.length === 1)
    if (isWhole) return convert(definition, 'item')
    const below = planned.map(({ path, restrictive }) => ({ path: path.slice(1), restrictive }))
    return `${claims(below, definition.attributes)}(item)`
  }

  function claims(planned: readonly PlannedAttribute[], attributes: AttributeDefinitions): string {
    return remembered(`claims ${JSON.stringify([planned, attributes], withoutNotes)}`, (name) =>
      claimsOf(planned, attributes, name),
    )
  }

  return {
    claims,
    record: (attributes) => named({ type: 'Record', attributes }, recordOf),
    tags: (type) => named(type, tagsOf),
    text: () => functions.join(''),
  }
}

/** Annotations tell types of equal form apart for people alone. */
function withoutNotes(name: string, value: unknown): unknown {
  return name === 'annotations' ? undefined : value
}
