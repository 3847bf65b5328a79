// What two schemas have in common to be asked about. A request is valid on both sides: its action, its principal's and its resource's type are
// on both; an entity has the attributes of both, and each side is shown its own (`requestOf`).

import type {
  ActionDefinition,
  AttributeDefinition,
  AttributeDefinitions,
  EntityTypeDefinition,
  SchemaDefinition,
  TypeDefinition,
} from '@cardea/policy'

export interface CommonSchema {
  readonly definition: SchemaDefinition
  /** Types that differ too much: referred to, but nothing is said of their entities. */
  readonly opaque: ReadonlySet<string>
  /** One line each: what is on one side only, or so different that no request can be valid on both. */
  readonly differences: readonly SchemaDifference[]
}

export interface SchemaDifference {
  readonly what: 'action' | 'entity type'
  readonly name: string
  readonly side: 'before' | 'after' | 'both'
  readonly message: string
}

/** Sampled requests use `definition`; what it leaves out is in `differences`. Cost: linear. */
export function commonSchema(before: SchemaDefinition, after: SchemaDefinition): CommonSchema {
  const differences: SchemaDifference[] = []
  const entities: Record<string, EntityTypeDefinition> = {}
  const apart = new Set<string>()
  for (const name of names(before.entities, after.entities)) {
    const [old, now] = [own(before.entities, name), own(after.entities, name)]
    if (old !== undefined && now !== undefined) {
      const both = commonType(old, now)
      if (typeof both !== 'string') entities[name] = both
      else {
        apart.add(name)
        differences.push({ what: 'entity type', name, side: 'both', message: both })
      }
    } else {
      differences.push(oneSided('entity type', name, now === undefined ? 'before' : 'after'))
      // attributes of this side may refer to it
      entities[name] = old ?? now ?? NOTHING
    }
  }
  // a reference to a type that differs too much stays a reference; nothing is said of what it refers to
  for (const name of apart) {
    const ids = own(after.entities, name)?.enum ?? own(before.entities, name)?.enum
    entities[name] = ids === undefined ? NOTHING : { ...NOTHING, enum: ids }
  }
  const isOnBoth = (type: string): boolean =>
    own(before.entities, type) !== undefined && own(after.entities, type) !== undefined && !apart.has(type)
  const actions: Record<string, ActionDefinition> = {}
  for (const name of names(before.actions, after.actions)) {
    const [old, now] = [own(before.actions, name), own(after.actions, name)]
    if (old === undefined || now === undefined) {
      differences.push(oneSided('action', name, now === undefined ? 'before' : 'after'))
      continue
    }
    const context = commonAttributes(old.context, now.context)
    const on = (side: 'principals' | 'resources'): string[] =>
      now[side].filter((type) => old[side].includes(type) && isOnBoth(type))
    const [principals, resources] = [on('principals'), on('resources')]
    const isGroup = old.principals.length === 0 && now.principals.length === 0
    const message =
      typeof context === 'string'
        ? `its context differs: ${context}`
        : (principals.length === 0 || resources.length === 0) && !isGroup
          ? 'it applies to no principal and resource of both sides'
          : undefined
    if (message !== undefined) differences.push({ what: 'action', name, side: 'both', message })
    if (typeof context === 'string' || principals.length === 0 || resources.length === 0) continue
    actions[name] = { uid: now.uid, memberOf: [], principals, resources, context }
  }
  return { definition: { entities, actions }, opaque: apart, differences }
}

const NOTHING: EntityTypeDefinition = { parents: [], attributes: {} }

function oneSided(what: SchemaDifference['what'], name: string, side: 'before' | 'after'): SchemaDifference {
  return { what, name, side, message: side === 'before' ? 'it is gone' : 'it is new' }
}

/** A text says why there is no such type. */
function commonType(old: EntityTypeDefinition, now: EntityTypeDefinition): EntityTypeDefinition | string {
  const attributes = commonAttributes(old.attributes, now.attributes)
  if (typeof attributes === 'string') return `its attributes differ: ${attributes}`
  if ((old.enum === undefined) !== (now.enum === undefined)) return 'its ids are enumerated on one side only'
  const ids = now.enum?.filter((id) => old.enum?.includes(id))
  if (ids?.length === 0) return 'it has no id on both sides'
  const tags = old.tags === undefined || now.tags === undefined ? undefined : commonValue(old.tags, now.tags)
  return {
    attributes,
    // a parent of one side only is shown to that side only
    parents: [...new Set([...now.parents, ...old.parents])],
    ...(ids === undefined ? {} : { enum: ids }),
    ...(tags === undefined || typeof tags === 'string' ? {} : { tags }),
  }
}

/** The attributes of both; one that either side requires is required. */
function commonAttributes(old: AttributeDefinitions, now: AttributeDefinitions): AttributeDefinitions | string {
  const attributes: Record<string, AttributeDefinition> = {}
  for (const name of names(old, now)) {
    const [left, right] = [own(old, name), own(now, name)]
    if (left === undefined || right === undefined) {
      const only = left ?? right
      if (only !== undefined) attributes[name] = only
      continue
    }
    const both = commonValue(left, right)
    if (typeof both === 'string') return `\`${name}\` ${both}`
    attributes[name] = left.optional === true && right.optional === true ? { ...both, optional: true } : both
  }
  return attributes
}

function commonValue(old: TypeDefinition, now: TypeDefinition): TypeDefinition | string {
  if (old.type === 'Set' && now.type === 'Set') {
    const element = commonValue(old.element, now.element)
    return typeof element === 'string' ? element : { type: 'Set', element }
  }
  if (old.type === 'Record' && now.type === 'Record') {
    const attributes = commonAttributes(old.attributes, now.attributes)
    return typeof attributes === 'string' ? attributes : { type: 'Record', attributes }
  }
  if (old.type === 'Entity' && now.type === 'Entity') {
    return old.name === now.name ? { type: 'Entity', name: now.name } : `was a \`${old.name}\` and is a \`${now.name}\``
  }
  if (old.type !== now.type || now.type === 'Set' || now.type === 'Record' || now.type === 'Entity') {
    return `was a ${old.type} and is a ${now.type}`
  }
  return { type: now.type }
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

function names(left: object, right: object): string[] {
  return [...new Set([...Object.keys(right), ...Object.keys(left)])]
}
