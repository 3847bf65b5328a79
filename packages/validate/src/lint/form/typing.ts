// What can be said of an expression's value before any request: its types, and whether it can err. Over requests and entities that
// were checked against the schema, of policies that passed strict validation.

import {
  ancestorTypes,
  type AttributeDefinition,
  type AttributeDefinitions,
  type Expression,
  type Schema,
  type TypeDefinition,
} from '@cardea/policy'
import { type Domain, typesOfVariable } from './domain.ts'
import { isSlotTerm } from './slot.ts'

export interface Typing {
  readonly schema: Schema
  readonly domain: Domain
  /** Every type that the value may have; `undefined` when that is not known. */
  readonly typesOf: (node: Expression) => readonly TypeDefinition[] | undefined
  /** The names of its entity types; `undefined` when it may be something else. */
  readonly entityTypesOf: (node: Expression) => ReadonlySet<string> | undefined
  /** True when it never errs. */
  readonly isSafe: (node: Expression) => boolean
  /** Whether an entity of the type can have an ancestor of the other. */
  readonly canBeIn: (type: string, ancestor: string) => boolean
}

/** Cost of a question: the size of the expression times the actions and types of the domain. */
export function createTyping(schema: Schema, domain: Domain): Typing {
  const types = new WeakMap<Expression, readonly TypeDefinition[]>()
  const typing: Typing = {
    schema,
    domain,
    typesOf(node) {
      const known = types.get(node)
      if (known !== undefined) return known
      const found = findTypes(node, typing)
      if (found !== undefined) types.set(node, found)
      return found
    },
    entityTypesOf(node) {
      const found = typing.typesOf(node)
      if (found === undefined || found.length === 0) return undefined
      const names = found.map((type) => (type.type === 'Entity' ? type.name : undefined))
      return names.every((name) => name !== undefined) ? new Set(names) : undefined
    },
    isSafe: (node) => isSafe(node, typing),
    canBeIn: (type, ancestor) => ancestorsOf(type, schema).has(ancestor),
  }
  return typing
}

function findTypes(node: Expression, typing: Typing): readonly TypeDefinition[] | undefined {
  if (isSlotTerm(node)) return undefined
  switch (node.kind) {
    case 'variable': {
      if (node.name === 'context') {
        const contexts = new Set<AttributeDefinitions>()
        for (const name of typing.domain.actions) {
          const context = typing.schema.action(name)?.context
          if (context !== undefined) contexts.add(context)
        }
        return [...contexts].map((attributes) => ({ type: 'Record', attributes }))
      }
      const names = typesOfVariable(typing.domain, node.name)
      return names === undefined ? undefined : [...names].map((name) => ({ type: 'Entity', name }))
    }
    case 'literal': {
      const { value } = node
      return typeof value === 'object' && value.kind === 'entity' ? [{ type: 'Entity', name: value.type }] : undefined
    }
    case 'attribute':
      return attributesOf(node.of, node.name, typing)?.filter((type) => type !== undefined)
    case 'if': {
      const [then, otherwise] = [typing.typesOf(node.then), typing.typesOf(node.else)]
      return then === undefined || otherwise === undefined ? undefined : [...then, ...otherwise]
    }
    default:
      return undefined
  }
}

/** What each type of the holder says of the attribute; `undefined` in the list where it has none. */
export function attributesOf(
  of: Expression,
  name: string,
  typing: Typing,
): readonly (AttributeDefinition | undefined)[] | undefined {
  return typing.typesOf(of)?.map((type) => {
    if (type.type === 'Record') return own(type.attributes, name)
    if (type.type !== 'Entity') return undefined
    const attributes = typing.schema.entityType(type.name)?.attributes
    return attributes === undefined ? undefined : own(attributes, name)
  })
}

/** True for the principal, the resource, the context and the records in them: what a checked request always holds. */
export function isHeld(node: Expression, typing: Typing): boolean {
  if (node.kind === 'variable') return node.name !== 'action'
  if (node.kind !== 'attribute') return false
  const types = typing.typesOf(node)
  return types !== undefined && types.every(({ type }) => type === 'Record') && isSafe(node, typing)
}

function isSafe(node: Expression, typing: Typing): boolean {
  const areSafe = (...nodes: readonly Expression[]): boolean => nodes.every((each) => isSafe(each, typing))
  switch (node.kind) {
    case 'literal':
    case 'variable':
      return true
    case 'attribute': {
      if (isSlotTerm(node)) return true
      if (!isHeld(node.of, typing)) return false
      const found = attributesOf(node.of, node.name, typing)
      return found !== undefined && found.every((type) => type !== undefined && type.optional !== true)
    }
    case 'not':
    case 'isEmpty':
      return areSafe(node.operand)
    case 'has':
    case 'like':
      return areSafe(node.of)
    case 'is':
      return areSafe(node.of, ...(node.in === undefined ? [] : [node.in]))
    case 'if':
      return areSafe(node.test, node.then, node.else)
    case 'and':
    case 'or':
    case 'equal':
    case 'notEqual':
    case 'less':
    case 'lessEqual':
    case 'greater':
    case 'greaterEqual':
    case 'in':
    case 'contains':
    case 'containsAll':
    case 'containsAny':
    case 'hasTag':
      return areSafe(node.left, node.right)
    case 'set':
      return areSafe(...node.elements)
    case 'record':
      return areSafe(...node.fields.values())
    case 'call':
      return !CAN_FAIL.has(node.function) && areSafe(...node.arguments)
    case 'negate':
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'getTag':
    case 'fault':
      return false
    default:
      return node satisfies never
  }
}

/** Functions that can err on arguments of the right types: no such text, or a result beyond 64 bits. */
const CAN_FAIL: ReadonlySet<string> = new Set([
  'ip',
  'decimal',
  'datetime',
  'duration',
  'offset',
  'durationSince',
  'toDate',
])

const closures = new WeakMap<Schema, Map<string, ReadonlySet<string>>>()

function ancestorsOf(type: string, schema: Schema): ReadonlySet<string> {
  let ofSchema = closures.get(schema)
  if (ofSchema === undefined) closures.set(schema, (ofSchema = new Map()))
  let found = ofSchema.get(type)
  if (found === undefined) {
    found = ancestorTypes(schema.entityType(type)?.parents ?? [], schema.definition.entities)
    ofSchema.set(type, found)
  }
  return found
}

function own(attributes: AttributeDefinitions, name: string): AttributeDefinition | undefined {
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined
}
