// Scenarios: several policies, templates and links over a random world, and requests to decide. A scenario is what a case file holds
// before anybody has answered, and a seed with a number makes the same one everywhere.

import type { ActionDefinition, AttributeDefinition, AttributeDefinitions } from '@cardea/policy'
import type { Case, CaseLink } from '../case.ts'
import { reference, schemaText } from './cedar-text.ts'
import { makeCondition } from './expression.ts'
import { Random } from './random.ts'
import { type Environment, typeKey } from './reads.ts'
import type { UidJson } from './value-json.ts'
import { type EntityJson, makeQuestion, makeWorld, type Question, type World } from './world.ts'

export interface Scenario {
  readonly id: string
  readonly policies: readonly ScenarioPolicy[]
  readonly schema?: string
  readonly entities: readonly EntityJson[]
  /** The action hierarchy as entities: what a schema says, for who reads the scenario without it. */
  readonly actions: readonly EntityJson[]
  readonly links: readonly ScenarioLink[]
  readonly requests: readonly Question[]
}

export interface ScenarioPolicy {
  /** `policyN`, by place. */
  readonly id: string
  readonly effect: 'permit' | 'forbid'
  readonly isTemplate: boolean
  readonly text: string
}

export interface ScenarioLink extends CaseLink {
  readonly principal?: UidJson
  readonly resource?: UidJson
}

/**
 * - `typed`: valid by construction, with a schema.
 * - `loose`: the same without a schema, with a few parts of another type.
 * - `wild`: one part in five is wrong.
 * - `wide`: many policies that name entities in their scope, nearly without conditions.
 * - `probes`: permits for everything with one short condition each, so that what each says shows in the answer.
 */
export type Shape = 'typed' | 'loose' | 'wild' | 'wide' | 'probes'

const SHAPES: readonly Shape[] = [
  'typed',
  'typed',
  'typed',
  'loose',
  'loose',
  'wild',
  'wild',
  'wide',
  'probes',
  'probes',
]
const DISORDER: { readonly [S in Shape]: number } = { typed: 0, loose: 0.03, wild: 0.2, wide: 0.03, probes: 0.1 }

/** The scenario of this number. Any integers. */
export function makeScenario(seed: number, number: number, wanted?: Shape): Scenario {
  const random = new Random(seed, number)
  const shape = random.pick(SHAPES)
  return build(random, wanted ?? shape, `fuzz ${seed} ${number}`)
}

function build(random: Random, shape: Shape, id: string): Scenario {
  const world = makeWorld(random)
  const hasSchema = shape === 'typed' || (shape === 'wide' && random.chance(0.5))
  const [fewest, most] = SIZES[shape]
  const policies = random.list(fewest, most, (index) => {
    const id = `policy${index}`
    return shape === 'probes' ? makeProbe(random, world, id) : makePolicy(random, world, shape, id)
  })
  const templates = policies.filter(({ isTemplate }) => isTemplate)
  const requests = random.list(20, 32, () => makeQuestion(random, world))
  const links =
    templates.length === 0 ? [] : random.list(0, 10, (index) => makeLink(random, world, templates, requests, index))
  return {
    id,
    policies: policies.map(({ id, effect, isTemplate, text }) => ({ id, effect, isTemplate, text })),
    ...(hasSchema ? { schema: schemaText(world.definition) } : {}),
    entities: world.entities,
    // some files without a schema leave them out
    actions: !hasSchema && random.chance(0.2) ? [] : actionEntities(world),
    links,
    requests,
  }
}

/** The scenario without answers as a case; `makeCase` in `save.ts` adds them. */
export function questionsOf({ id, policies, schema, entities, actions, links }: Scenario): Omit<Case, 'requests'> {
  return {
    id,
    policy: policies.map(({ text }) => text).join('\n'),
    ...(schema === undefined ? {} : { schema }),
    entities: schema === undefined ? [...entities, ...actions] : entities,
    ...(links.length === 0 ? {} : { links }),
  }
}

const SIZES: { readonly [S in Shape]: readonly [fewest: number, most: number] } = {
  typed: [4, 12],
  loose: [4, 12],
  wild: [4, 12],
  wide: [20, 40],
  probes: [24, 48],
}

interface Written extends ScenarioPolicy {
  readonly slots: readonly ('principal' | 'resource')[]
}

function makePolicy(random: Random, world: World, shape: Shape, id: string): Written {
  const action = random.pick(world.actions.filter(({ principals }) => principals.length > 0))
  const effect = random.chance(0.7) ? 'permit' : 'forbid'
  const isTemplate = random.chance(0.3)
  const slots = isTemplate ? random.pick([['principal'], ['resource'], ['principal', 'resource']] as const) : []
  const principal = makeScope(random, world, 'principal', random.pick(action.principals), slots, shape)
  const resource = makeScope(random, world, 'resource', random.pick(action.resources), slots, shape)
  const actions = makeActionScope(random, world, action, shape)
  const environment: Environment = { principal: principal.type, resource: resource.type, context: actions.context }
  const guard = [principal.guard, resource.guard].filter((text) => text !== '').join(' && ')
  const disorder = DISORDER[shape]
  const conditions = random.list(0, shape === 'wide' ? 1 : 2, () => {
    const depth = random.between(0, shape === 'wide' ? 1 : 4)
    const condition = makeCondition({ random, world, environment, disorder }, depth)
    const guarded = guard === '' || random.chance(disorder + 0.03) ? condition : `${guard} && ${condition}`
    return `${random.chance(0.8) ? 'when' : 'unless'} { ${guarded} }`
  })
  const scope = `${principal.text}, ${actions.text}, ${resource.text}`
  return { id, effect, isTemplate, slots, text: `${[`${effect} (${scope})`, ...conditions].join(' ')};` }
}

function makeProbe(random: Random, world: World, id: string): Written {
  const action = random.pick(world.actions.filter(({ principals }) => principals.length > 0))
  const [principal, resource] = [random.pick(action.principals), random.pick(action.resources)]
  const environment: Environment = { principal, resource, context: sharedContext(world) }
  const depth = random.between(1, 2)
  const condition = makeCondition({ random, world, environment, disorder: DISORDER.probes }, depth)
  const text = `permit (principal, action, resource) when { ${condition} };`
  return { id, effect: 'permit', isTemplate: false, slots: [], text }
}

interface SideScope {
  readonly text: string
  /** The variable's type where the guard holds. */
  readonly type: string
  readonly guard: string
}

function makeScope(
  random: Random,
  world: World,
  side: 'principal' | 'resource',
  type: string,
  slots: readonly string[],
  shape: Shape,
): SideScope {
  const isSlot = slots.includes(side)
  const named = (of: string): string =>
    isSlot ? `?${side}` : reference({ type: of, id: random.pick(world.ids.get(of) ?? ['']) }, random)
  const kind = isSlot || shape === 'wide' ? random.between(2, 5) : random.below(7)
  const guard = `${side} is ${type}`
  if (kind === 2) return { text: `${side} == ${named(type)}`, type, guard: isSlot ? guard : '' }
  if (kind === 3 || kind === 4) return { text: `${side} in ${named(random.pick(world.types))}`, type, guard }
  if (kind === 5) return { text: `${side} is ${type} in ${named(random.pick(world.types))}`, type, guard: '' }
  if (kind === 6) return { text: `${side} is ${type}`, type, guard: '' }
  return { text: side, type, guard }
}

/** With the attributes of the context that every action of the scope has; what some lack is optional. */
function makeActionScope(
  random: Random,
  world: World,
  action: ActionDefinition,
  shape: Shape,
): { text: string; context: AttributeDefinitions } {
  const kind = random.below(6)
  const known = (
    shape !== 'typed' && random.chance(0.05) ? { ...action.uid, id: 'unknown' } : action.uid
  ) satisfies UidJson
  if (kind < 2) return { text: `action == ${reference(known, random)}`, context: action.context }
  const context = sharedContext(world)
  if (kind < 4) return { text: 'action', context }
  const group = random.pick(world.actions).uid
  if (kind === 4) return { text: `action in ${reference(group, random)}`, context }
  const several = random.list(0, 3, () => reference(random.pick(world.actions).uid, random))
  return { text: `action in [${several.join(', ')}]`, context }
}

function sharedContext({ actions }: World): AttributeDefinitions {
  const contexts = actions.filter(({ principals }) => principals.length > 0).map(({ context }) => context)
  const [first = {}] = contexts
  const ofName = (name: string): readonly (AttributeDefinition | undefined)[] =>
    contexts.map((context) => (Object.hasOwn(context, name) ? context[name] : undefined))
  return Object.fromEntries(
    Object.entries(first)
      .filter(([name, type]) => ofName(name).every((same) => same === undefined || typeKey(same) === typeKey(type)))
      .map(([name, type]): [string, AttributeDefinition] => {
        const isSure = ofName(name).every((same) => same !== undefined && same.optional !== true)
        return [name, isSure ? type : { ...type, optional: true }]
      }),
  )
}

/** Mostly of somebody who asks, or of a parent: a link that concerns nobody tells nothing. */
function makeLink(
  random: Random,
  world: World,
  templates: readonly Written[],
  requests: readonly Question[],
  index: number,
): ScenarioLink {
  const { id, slots } = random.pick(templates)
  const request = random.pick(requests)
  const any = (side: 'principal' | 'resource'): UidJson => {
    const own = request[side]
    const parents = world.entities.find(({ uid }) => uid.type === own.type && uid.id === own.id)?.parents ?? []
    const kind = random.below(10)
    if (kind < 5) return own
    if (kind < 8 && parents.length > 0) return random.pick(parents)
    const type = random.pick(world.types)
    return { type, id: random.pick(world.ids.get(type) ?? ['']) }
  }
  return {
    id: `link${index}`,
    template: id,
    ...(slots.includes('principal') ? { principal: any('principal') } : {}),
    ...(slots.includes('resource') ? { resource: any('resource') } : {}),
  }
}

function actionEntities({ actions }: World): readonly EntityJson[] {
  return actions.map(({ uid, memberOf }) => ({ uid, attrs: {}, parents: memberOf }))
}
