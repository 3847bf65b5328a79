// What a policy can read of a world: every attribute and tag behind `principal`, `resource` and `context`, with its type and with
// what has to be asked before it is safe to read.

import type { AttributeDefinitions, SchemaDefinition, TypeDefinition } from '@cardea/policy'
import { isName, quoted } from './cedar-text.ts'
import type { World } from './world.ts'

/** What is known of the variables where an expression stands. */
export interface Environment {
  readonly principal: string | undefined
  readonly resource: string | undefined
  readonly context: AttributeDefinitions
}

export interface Read {
  readonly text: string
  readonly type: TypeDefinition
  /** Conditions that make the read safe, in order. */
  readonly guards: readonly string[]
}

/** By `typeKey`. */
export type Reads = ReadonlyMap<string, readonly Read[]>

export function readsOf(world: World, { principal, resource, context }: Environment): Reads {
  const found: Read[] = []
  for (const [name, type] of [
    ['principal', principal],
    ['resource', resource],
  ] as const) {
    if (type !== undefined) addEntityReads(name, type, [], false, DEPTH, world, found)
  }
  addFieldReads('context', context, [], false, DEPTH, world, found)
  const byType = new Map<string, Read[]>()
  for (const read of found) {
    const key = typeKey(read.type)
    const same = byType.get(key)
    if (same === undefined) byType.set(key, [read])
    else same.push(read)
  }
  return byType
}

/** Equal for types with the same values. */
export function typeKey(type: TypeDefinition): string {
  switch (type.type) {
    case 'Entity':
      return type.name
    case 'Set':
      return `Set<${typeKey(type.element)}>`
    case 'Record':
      return `{${Object.entries(type.attributes)
        .map(([name, field]) => `${JSON.stringify(name)}${field.optional === true ? '?' : ''}:${typeKey(field)}`)
        .join()}}`
    default:
      return type.type
  }
}

export function access(of: string, name: string): string {
  return isName(name) ? `${of}.${name}` : `${of}[${quoted(name)}]`
}

const DEPTH = 2

/** `mayDangle`: the entity may be missing, so that even what its type requires has to be asked for. */
function addEntityReads(
  of: string,
  typeName: string,
  guards: readonly string[],
  mayDangle: boolean,
  depth: number,
  world: World,
  found: Read[],
): void {
  const type = typeOf(world.definition, typeName)
  if (type === undefined) return
  addFieldReads(of, type.attributes, guards, mayDangle, depth, world, found)
  if (type.tags === undefined) return
  for (const name of world.tagNames) {
    const tag = quoted(name)
    found.push({ text: `${of}.getTag(${tag})`, type: type.tags, guards: [...guards, `${of}.hasTag(${tag})`] })
  }
}

function addFieldReads(
  of: string,
  attributes: AttributeDefinitions,
  before: readonly string[],
  mayDangle: boolean,
  depth: number,
  world: World,
  found: Read[],
): void {
  for (const [name, type] of Object.entries(attributes)) {
    const text = access(of, name)
    const has = `${of} has ${isName(name) ? name : quoted(name)}`
    const guards = mayDangle || type.optional === true ? [...before, has] : before
    found.push({ text, type, guards })
    if (depth === 0) continue
    if (type.type === 'Record') addFieldReads(text, type.attributes, guards, false, depth - 1, world, found)
    if (type.type === 'Entity') addEntityReads(text, type.name, guards, true, depth - 1, world, found)
  }
}

function typeOf({ entities }: SchemaDefinition, name: string): SchemaDefinition['entities'][string] | undefined {
  return Object.hasOwn(entities, name) ? entities[name] : undefined
}
