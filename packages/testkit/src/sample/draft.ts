// A sample while it is drawn: entities come into being when something refers to them, and everything that is set is of the type that the
// schema says. INVARIANT: no entity is its own ancestor.

import {
  ancestorTypes,
  type AttributeDefinitions,
  type EntityTypeDefinition,
  type EntityUid,
  entityUid,
  type IpValue,
  parseIp,
  recordValue,
  sameEntity,
  type SchemaDefinition,
  setValue,
  type TemplateLink,
  type TypeDefinition,
  type Value,
} from '@cardea/policy'
import { DEFAULT_NOW_SECONDS } from '../world.ts'
import { addressIn, near, shifted } from './near.ts'
import type { Random } from './random.ts'
import type { Sample } from './sample.ts'
import type { Vocabulary } from './vocabulary.ts'

/** What samples are drawn from. */
export interface Ground {
  readonly definition: SchemaDefinition
  /** Types of which only references are drawn. */
  readonly opaque: ReadonlySet<string>
  readonly vocabulary: Vocabulary
}

interface DraftEntity {
  readonly uid: EntityUid
  readonly attributes: Map<string, Value>
  readonly parents: EntityUid[]
  readonly tags: Map<string, Value>
}

/** Ids beside those that policies name. Few, so that things meet. */
const IDS = 3
const MAXIMUM_ENTITIES = 40

export class Draft {
  readonly #ground: Ground
  readonly #random: Random
  readonly #entities = new Map<string, DraftEntity>()
  /** Values so far, by type: the next one is often about one of them. */
  readonly #seen = new Map<string, Value[]>()
  readonly links: TemplateLink[] = []
  readonly action: string
  readonly context = new Map<string, Value>()
  principal: EntityUid
  resource: EntityUid

  constructor(ground: Ground, random: Random, asked: { action: string; principal: EntityUid; resource: EntityUid }) {
    this.#ground = ground
    this.#random = random
    this.action = asked.action
    this.principal = asked.principal
    this.resource = asked.resource
    for (const uid of [asked.principal, asked.resource]) this.#see(uid.type, uid)
    for (const uid of [asked.principal, asked.resource]) this.ensure(uid)
    for (const [name, value] of this.#fields(this.#contextTypes())) this.context.set(name, value)
  }

  /** Some entity of the type: one that is there, one that a policy names, or another. */
  someUid(type: string): EntityUid {
    const random = this.#random
    const seen = this.#seen.get(type)
    if (seen !== undefined && random.chance(0.5)) {
      const value = random.pick(seen)
      if (typeof value === 'object' && value.kind === 'entity') return value
    }
    return freshUid(this.#ground, type, random)
  }

  /** The entity, made when it is not there. `undefined` of a type without entities, or when there are too many. */
  ensure(uid: EntityUid): DraftEntity | undefined {
    const key = keyOf(uid)
    const known = this.#entities.get(key)
    if (known !== undefined) return known
    const type = this.#typeOf(uid.type)
    if (type === undefined || this.#ground.opaque.has(uid.type) || this.#entities.size >= MAXIMUM_ENTITIES)
      return undefined
    const entity: DraftEntity = { uid, attributes: new Map(), parents: [], tags: new Map() }
    this.#entities.set(key, entity)
    this.#see(uid.type, uid)
    for (const [name, value] of this.#fields(type.attributes)) entity.attributes.set(name, value)
    for (const parent of type.parents) if (this.#random.chance(0.4)) this.addParent(uid, this.someUid(parent))
    if (type.tags !== undefined) {
      for (const name of this.#ground.vocabulary.tagNames.slice(0, 8)) {
        if (this.#random.chance(0.5)) entity.tags.set(name, this.value(type.tags, name))
      }
    }
    return entity
  }

  get(uid: EntityUid): DraftEntity | undefined {
    return this.#entities.get(keyOf(uid))
  }

  /** Adds a direct parent unless that made a circle. */
  addParent(uid: EntityUid, parent: EntityUid): boolean {
    const entity = this.ensure(uid)
    if (entity === undefined || this.#typeOf(uid.type)?.parents.includes(parent.type) !== true) return false
    this.ensure(parent)
    if (this.isIn(parent, uid)) return false
    if (!entity.parents.some((other) => sameEntity(other, parent))) entity.parents.push(parent)
    return true
  }

  /** Puts an entity into another, by way of others where the schema has no direct way. */
  addAncestor(uid: EntityUid, ancestor: EntityUid): boolean {
    if (this.isIn(uid, ancestor)) return true
    const types = this.#typeOf(uid.type)?.parents ?? []
    if (types.includes(ancestor.type) && this.addParent(uid, ancestor)) return true
    const { entities } = this.#ground.definition
    const way = types.find(
      (type) => type !== uid.type && ancestorTypes(entities[type]?.parents ?? [], entities).has(ancestor.type),
    )
    if (way === undefined) return false
    const between = this.someUid(way)
    return this.addParent(uid, between) && this.addAncestor(between, ancestor)
  }

  /** Takes an entity out of another, wherever the way between them begins. */
  removeAncestor(uid: EntityUid, ancestor: EntityUid): void {
    const parents = this.get(uid)?.parents
    if (parents === undefined) return
    for (let at = parents.length - 1; at >= 0; at -= 1) {
      const parent = parents[at]
      if (parent !== undefined && this.isIn(parent, ancestor)) parents.splice(at, 1)
    }
  }

  /** Whether it is the other one or in it. */
  isIn(uid: EntityUid, ancestor: EntityUid): boolean {
    if (sameEntity(uid, ancestor)) return true
    return this.get(uid)?.parents.some((parent) => this.isIn(parent, ancestor)) === true
  }

  ancestors(uid: EntityUid): EntityUid[] {
    return (this.get(uid)?.parents ?? []).flatMap((parent) => [parent, ...this.ancestors(parent)])
  }

  /** Makes it the principal or the resource, if the action is about such things. */
  become(side: 'principal' | 'resource', uid: EntityUid): boolean {
    const action = this.#ground.definition.actions[this.action]
    const types = side === 'principal' ? action?.principals : action?.resources
    if (types?.includes(uid.type) !== true || !this.#isId(uid)) return false
    this.ensure(uid)
    this[side] = uid
    return true
  }

  /** Declared types of an entity's attributes, of its tags, of the context. */
  attributeTypes(uid: EntityUid): AttributeDefinitions {
    return this.#typeOf(uid.type)?.attributes ?? {}
  }

  tagType(uid: EntityUid): TypeDefinition | undefined {
    return this.#typeOf(uid.type)?.tags
  }

  contextTypes(): AttributeDefinitions {
    return this.#contextTypes()
  }

  /** A value of the type; `name` is what the attribute is called. */
  value(type: TypeDefinition, name: string): Value {
    const value = this.#draw(type, name)
    this.#see(keyOfType(type), value)
    return value
  }

  finish(): Sample {
    const entities = [...this.#entities.values()]
    // what a guard holds: the principal and the resource, and of the rest only that they are in it
    const isSparse = this.#random.chance(1 / 16)
    const shown = entities.filter(
      ({ uid }) => !isSparse || sameEntity(uid, this.principal) || sameEntity(uid, this.resource),
    )
    return {
      action: this.action,
      principal: this.principal,
      resource: this.resource,
      context: this.context,
      entities: shown,
      links: this.links,
    }
  }

  #draw(type: TypeDefinition, name: string): Value {
    const random = this.#random
    if (type.type === 'Record') return recordValue(this.#fields(type.attributes))
    if (type.type === 'Set') {
      const count = random.pick([0, 1, 1, 2, 3])
      return setValue(Array.from({ length: count }, () => this.value(type.element, name)))
    }
    if (type.type === 'Entity') {
      const uid = this.someUid(type.name)
      this.ensure(uid)
      return uid
    }
    if (type.type === 'Bool') return random.chance(0.5)
    const { vocabulary } = this.#ground
    const mentioned = random.chance(0.6) ? random.maybe(vocabulary.named(name, type)) : undefined
    const seen = random.chance(0.5) ? random.maybe(this.#seen.get(type.type) ?? []) : undefined
    const known = mentioned ?? seen ?? (random.chance(0.5) ? random.maybe(vocabulary.ofType(type)) : undefined)
    const value = known === undefined ? this.#plain(type.type) : near(known, random)
    return typeof value === 'object' && value.kind === 'datetime' ? this.#apart(value) : value
  }

  /** A time that is one of the lengths of time that policies name away from another. */
  #apart(time: Value): Value {
    if (!this.#random.chance(0.3)) return time
    const length = this.#random.maybe(this.#ground.vocabulary.ofType({ type: 'duration' }))
    if (typeof length !== 'object' || length.kind !== 'duration') return time
    return shifted(time, length.milliseconds * (this.#random.chance(0.5) ? 1n : -1n)) ?? time
  }

  #plain(type: Exclude<TypeDefinition['type'], 'Record' | 'Set' | 'Entity' | 'Bool'>): Value {
    const random = this.#random
    switch (type) {
      case 'Long':
        return random.pick([0, 1, -1, 2, 10, 1000])
      case 'String':
        return random.pick(['', 'a', 'b'])
      case 'decimal':
        return { kind: 'decimal', scaled: random.pick([0n, 1n, 10_000n, -10_000n, 5_000n]) }
      case 'ipaddr': {
        const ip = random.pick(this.#ranges())
        return ip.prefix < 32 && random.chance(0.5) ? ip : addressIn(ip, random)
      }
      case 'datetime':
        return { kind: 'datetime', milliseconds: BigInt(DEFAULT_NOW_SECONDS) * 1000n }
      case 'duration':
        return { kind: 'duration', milliseconds: random.pick([0n, 1000n, 3_600_000n, 86_400_000n]) }
      default:
        return type satisfies never
    }
  }

  #ranges(): IpValue[] {
    const found = this.#ground.vocabulary.ofType({ type: 'ipaddr' })
    return [
      ...found.flatMap((value) => (typeof value === 'object' && value.kind === 'ipaddr' ? [value] : [])),
      ...PLAIN_RANGES,
    ]
  }

  #fields(types: AttributeDefinitions): [string, Value][] {
    return Object.entries(types).flatMap(([name, type]): [string, Value][] =>
      type.optional === true && this.#random.chance(0.4) ? [] : [[name, this.value(type, name)]],
    )
  }

  #see(key: string, value: Value): void {
    const seen = this.#seen.get(key)
    if (seen === undefined) this.#seen.set(key, [value])
    else seen.push(value)
  }

  #contextTypes(): AttributeDefinitions {
    return this.#ground.definition.actions[this.action]?.context ?? {}
  }

  #typeOf(name: string): EntityTypeDefinition | undefined {
    const { entities } = this.#ground.definition
    return Object.hasOwn(entities, name) ? entities[name] : undefined
  }

  #isId({ type, id }: EntityUid): boolean {
    return this.#typeOf(type)?.enum?.includes(id) !== false
  }
}

/** An id that policies name, or one of a few others; one of its own where the type has them enumerated. */
export function freshUid({ definition, vocabulary }: Ground, type: string, random: Random): EntityUid {
  const ids = Object.hasOwn(definition.entities, type) ? definition.entities[type]?.enum : undefined
  if (ids !== undefined && ids.length > 0) return entityUid(type, random.pick(ids))
  const named = random.chance(0.5) ? random.maybe(vocabulary.ids(type)) : undefined
  return entityUid(type, named ?? `${nameOf(type)}${1 + random.below(IDS)}`)
}

/** `document` of `Docs::Document`. */
function nameOf(type: string): string {
  return type.slice(type.lastIndexOf(':') + 1).toLowerCase()
}

const PLAIN_RANGES = ['10.1.0.0/16', '10.2.0.0/16', '203.0.113.9'].flatMap((text) => parseIp(text) ?? [])

function keyOf({ type, id }: EntityUid): string {
  return `${type} ${id}`
}

function keyOfType(type: TypeDefinition): string {
  return type.type === 'Entity' ? type.name : type.type
}
