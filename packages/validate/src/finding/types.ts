// The types that an expression may have, as far as the schema tells. For words in messages alone: nothing is decided by it.

import {
  type AttributeDefinitions,
  describeType,
  type Expression,
  type ExtensionFunction,
  type Policy,
  type SchemaDefinition,
  type TypeDefinition,
} from '@cardea/policy'

export interface Types {
  /** All types that it may have; none when that is not known. */
  readonly of: (node: Expression) => readonly TypeDefinition[]
  /** `` `Long` ``, `` set of `String` ``; `undefined` when there are several or none. */
  readonly describe: (node: Expression) => string | undefined
}

export function createTypes(policy: Policy, definition: SchemaDefinition): Types {
  const actions = actionsOf(policy, definition)
  return { of, describe }

  function describe(node: Expression): string | undefined {
    const [first, ...others] = new Set(of(node).map(describeType))
    return others.length === 0 ? first : undefined
  }

  function of(node: Expression): readonly TypeDefinition[] {
    switch (node.kind) {
      case 'literal':
        return literal(node.value)
      case 'variable':
        if (node.name === 'context') return actions.map(({ context }) => ({ type: 'Record', attributes: context }))
        return node.name === 'action' ? [] : sideTypes(policy, actions, node.name).map(entity)
      case 'attribute':
        return of(node.of).flatMap((holder) => field(attributesOf(holder, definition), node.name))
      case 'if':
        return [...of(node.then), ...of(node.else)]
      case 'set':
        return node.elements
          .slice(0, 1)
          .flatMap((element) => of(element).map((type) => ({ type: 'Set', element: type })))
      case 'record':
        return [{ type: 'Record', attributes: fieldTypes(node.fields) }]
      case 'call':
        return [{ type: RESULTS[node.function] ?? 'Bool' }]
      case 'getTag':
        return of(node.left).flatMap((holder) => {
          const tags = holder.type === 'Entity' ? definition.entities[holder.name]?.tags : undefined
          return tags === undefined ? [] : [tags]
        })
      case 'add':
      case 'subtract':
      case 'multiply':
      case 'negate':
        return [{ type: 'Long' }]
      case 'fault':
        return []
      default:
        return [{ type: 'Bool' }]
    }
  }

  /** A field of no known type has that of a text, which is never shown. */
  function fieldTypes(fields: ReadonlyMap<string, Expression>): AttributeDefinitions {
    return Object.fromEntries(Array.from(fields, ([name, value]) => [name, of(value)[0] ?? { type: 'String' }]))
  }
}

/** The attributes of an entity or a record; `undefined` for anything else. */
export function attributesOf(type: TypeDefinition, { entities }: SchemaDefinition): AttributeDefinitions | undefined {
  if (type.type === 'Record') return type.attributes
  return type.type === 'Entity' && Object.hasOwn(entities, type.name) ? entities[type.name]?.attributes : undefined
}

/** The actions that the scope names, themselves or by a group. */
export function actionsOf({ action }: Policy, { actions }: SchemaDefinition): SchemaDefinition['actions'][string][] {
  const all = Object.values(actions)
  if (action.kind === 'all') return all
  const named = action.kind === 'equal' ? [action.entity] : action.entities
  const key = ({ type, id }: { readonly type: string; readonly id: string }): string => `${type}::${id}`
  const wanted = new Set(named.map(key))
  // groups of groups: until nothing is added
  for (let size = -1; action.kind === 'in' && size !== wanted.size; ) {
    size = wanted.size
    for (const { uid, memberOf } of all) if (memberOf.some((group) => wanted.has(key(group)))) wanted.add(key(uid))
  }
  return all.filter(({ uid }) => wanted.has(key(uid)))
}

/** The types that the scope and the actions leave for the principal or the resource. */
export function sideTypes(
  policy: Policy,
  actions: readonly SchemaDefinition['actions'][string][],
  side: 'principal' | 'resource',
): readonly string[] {
  const scope = policy[side]
  if (scope.kind === 'is') return [scope.type]
  if (scope.kind === 'equal' && scope.entity.kind === 'entity') return [scope.entity.type]
  return [...new Set(actions.flatMap(({ principals, resources }) => (side === 'principal' ? principals : resources)))]
}

function literal(value: Extract<Expression, { kind: 'literal' }>['value']): readonly TypeDefinition[] {
  if (typeof value === 'object') return value.kind === 'entity' ? [entity(value.type)] : []
  return [{ type: typeof value === 'string' ? 'String' : typeof value === 'boolean' ? 'Bool' : 'Long' }]
}

function entity(name: string): TypeDefinition {
  return { type: 'Entity', name }
}

function field(attributes: AttributeDefinitions | undefined, name: string): readonly TypeDefinition[] {
  const type = attributes !== undefined && Object.hasOwn(attributes, name) ? attributes[name] : undefined
  return type === undefined ? [] : [type]
}

const RESULTS: { readonly [F in ExtensionFunction]?: 'ipaddr' | 'decimal' | 'datetime' | 'duration' | 'Long' } = {
  ip: 'ipaddr',
  decimal: 'decimal',
  datetime: 'datetime',
  duration: 'duration',
  offset: 'datetime',
  toDate: 'datetime',
  durationSince: 'duration',
  toTime: 'duration',
  toMilliseconds: 'Long',
  toSeconds: 'Long',
  toMinutes: 'Long',
  toHours: 'Long',
  toDays: 'Long',
}
