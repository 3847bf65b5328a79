// Collects what a policy reads, each thing once, and asks the schema about paths: where one leaves the entity it began at, and
// which types a reference may have.

import { hasSlot, namedEntity } from '../compile/scope.ts'
import { actionsInScope } from '../schema/actions-in-scope.ts'
import type { AttributeDefinition, TypeDefinition } from '../schema/definition.ts'
import type { Schema } from '../schema/schema.ts'
import type { Policy, Scope } from '../syntax/tree.ts'
import type { Reads } from './reads.ts'
import type { Source } from './sources.ts'

export interface Notes {
  source(source: Source, restrictive: boolean): void
  ancestors(types: readonly string[], restrictive: boolean): void
  tags(): void
  otherEntity(restrictive: boolean): void
  /** True when a token may hold only part of the value: a set, or a record. */
  isNarrowable(sources: readonly Source[]): boolean
  /** The types of the entities that the sources refer to; `*` stands for all where it cannot be told. */
  referencedTypes(sources: readonly Source[]): readonly string[]
  result(): Omit<Reads, 'actions' | 'slots'>
}

export function createNotes(policy: Policy, schema: Schema | undefined): Notes {
  const roots: { principal?: readonly string[]; resource?: readonly string[] } = {}
  const attributes = new Map<string, { path: readonly string[]; restrictive: boolean }>()
  const ancestors = new Map<string, boolean>()
  const resourceAttributes = new Map<string, readonly string[]>()
  const context = new Set<string>()
  let tags = false
  let throughOtherEntities = false
  let restrictiveThroughOtherEntities = false
  const otherEntity = (restrictive: boolean): void => {
    throughOtherEntities = true
    restrictiveThroughOtherEntities ||= restrictive
  }

  return {
    source({ root, path }, restrictive) {
      if (path.length === 0 || root === 'action') return
      if (root === 'context') {
        context.add(path[0] ?? '*')
        return
      }
      const own = cut(path, rootsOf(root), schema)
      if (own.length < path.length) otherEntity(restrictive)
      const key = JSON.stringify(own)
      if (root === 'resource') resourceAttributes.set(key, own)
      else attributes.set(key, { path: own, restrictive: restrictive || attributes.get(key)?.restrictive === true })
    },
    ancestors(types, restrictive) {
      for (const type of types) ancestors.set(type, restrictive || ancestors.get(type) === true)
    },
    tags: () => void (tags = true),
    otherEntity,
    isNarrowable: (sources) => typesOf(sources).some(({ type }) => type === 'Set' || type === 'Record'),
    referencedTypes(sources) {
      const types = typesOf(sources).flatMap((type) => (type.type === 'Set' ? [type.element] : [type]))
      const names = types.flatMap((type) => (type.type === 'Entity' ? [type.name] : []))
      const bare = sources.flatMap(({ root, path }) =>
        path.length === 0 && (root === 'principal' || root === 'resource') ? rootsOf(root) : [],
      )
      if (names.length + bare.length > 0) return [...names, ...bare]
      return schema === undefined ? ['*'] : allAncestors(rootsOf('principal'), schema)
    },
    result: () => ({
      principalAttributes: [...attributes.values()],
      principalAncestors: [...ancestors].map(([type, restrictive]) => ({ type, restrictive })),
      principalTags: tags,
      resourceAttributes: [...resourceAttributes.values()],
      context: [...context],
      throughOtherEntities,
      restrictiveThroughOtherEntities,
    }),
  }

  /** Found when it is first asked for: most of many policies read nothing but what their scopes say. */
  function rootsOf(side: 'principal' | 'resource'): readonly string[] {
    return (roots[side] ??= rootTypes(policy, side, schema))
  }

  function typesOf(sources: readonly Source[]): TypeDefinition[] {
    if (schema === undefined) return []
    return sources.flatMap(({ root, path }) =>
      root === 'principal' || root === 'resource' ? rootsOf(root).flatMap((type) => typeAt(path, type, schema)) : [],
    )
  }
}

/** The types that the policy's scope and its actions leave. */
function rootTypes(
  { action, ...scopes }: Policy,
  side: 'principal' | 'resource',
  schema: Schema | undefined,
): string[] {
  const scope: Scope = scopes[side]
  if (scope.kind === 'is') return [scope.type]
  const named = namedEntity(scope)
  if (scope.kind === 'equal' && named !== undefined && !hasSlot(scope)) return [named.type]
  const names = schema === undefined ? [] : actionsInScope(action, schema)
  const actions = names.flatMap((name) => schema?.action(name) ?? [])
  return [...new Set(actions.flatMap((each) => (side === 'principal' ? each.principals : each.resources)))]
}

/** The path up to the first reference to another entity, by the type that has the shortest. */
function cut(path: readonly string[], types: readonly string[], schema: Schema | undefined): readonly string[] {
  if (schema === undefined) return path
  const lengths = types.map((type) => {
    const end = path.findIndex((_, index) => typeAt(path.slice(0, index + 1), type, schema)[0]?.type === 'Entity')
    return end === -1 ? path.length : end + 1
  })
  return lengths.length === 0 ? path : path.slice(0, Math.min(...lengths))
}

function typeAt(path: readonly string[], entityType: string, schema: Schema): TypeDefinition[] {
  let fields: { readonly [name: string]: AttributeDefinition } | undefined = schema.entityType(entityType)?.attributes
  let type: TypeDefinition | undefined
  for (const name of path) {
    type = fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined
    if (type?.type === 'Record') fields = type.attributes
    else fields = type?.type === 'Entity' ? schema.entityType(type.name)?.attributes : undefined
  }
  return type === undefined ? [] : [type]
}

function allAncestors(types: readonly string[], schema: Schema): string[] {
  const found = new Set<string>()
  const open = [...types]
  for (let type = open.pop(); type !== undefined; type = open.pop()) {
    for (const parent of schema.entityType(type)?.parents ?? []) {
      if (!found.has(parent)) open.push(parent)
      found.add(parent)
    }
  }
  return [...found]
}
