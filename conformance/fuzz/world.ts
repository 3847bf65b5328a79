// A random world: a schema, entities in hierarchies that conform to it, and the questions that can be asked of it. References may
// dangle, optional attributes may be absent, enumerated types have no entities.

import type {
  ActionDefinition,
  AttributeDefinition,
  AttributeDefinitions,
  EntityTypeDefinition,
  SchemaDefinition,
  TypeDefinition,
} from '@cardea/policy'
import { anyText, makePalette, type Palette } from './palette.ts'
import type { Random } from './random.ts'
import { fieldsJson, type Json, type UidJson, type ValueSource } from './value-json.ts'

export interface EntityJson {
  readonly uid: UidJson
  readonly attrs: { readonly [name: string]: Json }
  readonly parents: readonly UidJson[]
  readonly tags?: { readonly [name: string]: Json }
}

export interface World extends ValueSource {
  readonly palette: Palette
  readonly definition: SchemaDefinition
  /** Names of the entity types. */
  readonly types: readonly string[]
  readonly actions: readonly ActionDefinition[]
  /** Ids by type, those of missing entities among them. */
  readonly ids: ReadonlyMap<string, readonly string[]>
  readonly entities: readonly EntityJson[]
  readonly tagNames: readonly string[]
}

export interface Question {
  readonly principal: UidJson
  readonly action: UidJson
  readonly resource: UidJson
  readonly context: { readonly [name: string]: Json }
}

const PRIMITIVES = ['Bool', 'Long', 'String', 'decimal', 'ipaddr', 'datetime', 'duration'] as const
const TYPE_NAMES = ['User', 'Team', 'Doc', 'Folder', 'when', 'T_1'] as const
const ATTRIBUTES = [
  'a',
  'b',
  'name',
  'owner',
  'level',
  'roles',
  'ip',
  'type',
  'id',
  '__proto__',
  'constructor',
  'odd name',
  '',
]

export function makeWorld(random: Random): World {
  const palette = makePalette(random)
  const namespace = random.pick(['', '', '', 'App::', 'A::B::'])
  const types = random.list(2, 4, (index) => `${namespace}${TYPE_NAMES[(index * 5 + random.below(2)) % 6] ?? 'User'}`)
  const names = [...new Set(types)]
  const definition: SchemaDefinition = {
    entities: Object.fromEntries(names.map((name) => [name, makeEntityType(random, names)])),
    actions: makeActions(random, namespace, names),
  }
  // types share ids, so that an id alone tells no entity
  const pool = [...new Set(random.list(5, 7, () => anyText(random)))]
  const ids = new Map(names.map((name) => [name, idsOf(random, definition.entities[name], pool)]))
  const tagNames = random.list(2, 3, () => anyText(random))
  const source = { palette, ids }
  return {
    ...source,
    definition,
    types: names,
    actions: Object.values(definition.actions),
    tagNames,
    entities: makeEntities(random, definition, source, tagNames),
  }
}

export function makeQuestion(random: Random, world: World): Question {
  const concrete = world.actions.filter(({ principals }) => principals.length > 0)
  const action = random.pick(concrete)
  const reference = (expected: readonly string[]): UidJson => {
    const type = random.pick(random.chance(0.9) ? expected : world.types)
    return { type, id: random.pick(world.ids.get(type) ?? ['']) }
  }
  return {
    principal: reference(action.principals),
    action: action.uid,
    resource: reference(action.resources),
    context: fieldsJson(random, action.context, world),
  }
}

function makeEntityType(random: Random, types: readonly string[]): EntityTypeDefinition {
  if (random.chance(0.08)) {
    return { parents: [], attributes: {}, enum: [...new Set(random.list(1, 3, () => anyText(random)))] }
  }
  return {
    parents: random.some(types, 0.6),
    attributes: makeAttributes(random, types),
    ...(random.chance(0.5) ? { tags: makeType(random, types, 1) } : {}),
  }
}

function makeAttributes(random: Random, types: readonly string[], depth = 2): AttributeDefinitions {
  return Object.fromEntries(
    random.list(1, 4, (): [string, AttributeDefinition] => {
      const type = makeType(random, types, depth)
      return [random.pick(ATTRIBUTES), random.chance(0.35) ? { ...type, optional: true } : type]
    }),
  )
}

/** Any type; sets of sets and records in records up to this depth. */
export function makeType(random: Random, types: readonly string[], depth: number): TypeDefinition {
  const kind = random.below(depth > 0 ? 12 : 9)
  if (kind < 6) return { type: random.pick(PRIMITIVES) }
  if (kind < 9) return { type: 'Entity', name: random.pick(types) }
  if (kind < 11) return { type: 'Set', element: makeType(random, types, depth - 1) }
  return { type: 'Record', attributes: makeAttributes(random, types, depth - 1) }
}

function makeActions(random: Random, namespace: string, types: readonly string[]): SchemaDefinition['actions'] {
  const type = `${namespace}Action`
  const [odd, odder] = [anyText(random), anyText(random)]
  const groups = [...new Set(['writing', 'all', ...random.some([odd], 0.3)])].slice(0, random.between(1, 3))
  const common = makeAttributes(random, types)
  const actions: ActionDefinition[] = groups.map((id, index) => ({
    uid: { type, id },
    memberOf: random.some(groups.slice(0, index), 0.6).map((group) => ({ type, id: group })),
    principals: [],
    resources: [],
    context: {},
  }))
  const ids = new Set(['view', 'edit', ...random.some([odder, 'share'], 0.5)])
  for (const id of ids) {
    if (groups.includes(id)) continue
    actions.push({
      uid: { type, id },
      memberOf: random.some(groups, 0.4).map((group) => ({ type, id: group })),
      principals: atLeastOne(random, types),
      resources: atLeastOne(random, types),
      context: random.chance(0.7) ? common : makeAttributes(random, types),
    })
  }
  return Object.fromEntries(actions.map((action) => [`${namespace}${action.uid.id}`, action]))
}

function atLeastOne(random: Random, types: readonly string[]): readonly string[] {
  const some = random.some(types, 0.6)
  return some.length === 0 ? [random.pick(types)] : some
}

function idsOf(random: Random, type: EntityTypeDefinition | undefined, pool: readonly string[]): readonly string[] {
  if (type?.enum !== undefined) return type.enum
  return [...new Set(random.list(3, 6, () => random.pick(pool)))]
}

/** Parents stand before their children, so no entity is its own ancestor. */
function makeEntities(
  random: Random,
  { entities }: SchemaDefinition,
  source: ValueSource,
  tagNames: readonly string[],
): readonly EntityJson[] {
  const made: EntityJson[] = []
  const most = random.between(2, MAXIMUM_ENTITIES)
  const uids = [...source.ids].flatMap(([type, ids]) => ids.map((id) => ({ type, id })))
  for (const uid of shuffled(random, uids)) {
    const type = entities[uid.type]
    if (type === undefined || type.enum !== undefined || made.length === most) continue
    if (random.chance(0.2)) continue
    const parents = made.filter((each) => type.parents.includes(each.uid.type))
    const { tags } = type
    made.push({
      uid,
      attrs: fieldsJson(random, type.attributes, source),
      parents: random.some(parents, 0.4).map((parent) => parent.uid),
      ...(tags === undefined
        ? {}
        : {
            tags: fieldsJson(
              random,
              Object.fromEntries(tagNames.map((name) => [name, { ...tags, optional: true as const }])),
              source,
            ),
          }),
    })
  }
  return made
}

/** Cedar reads all entities for each request: what a decision costs it, and so how many can be compared. */
const MAXIMUM_ENTITIES = 6

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const left = [...items]
  return items.map(() => left.splice(random.below(left.length), 1)[0] as T)
}
