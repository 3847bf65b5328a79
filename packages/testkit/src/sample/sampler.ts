// Draws questions that two programs may answer differently. Every one is valid by both schemas. Most are about a policy that changed, made so
// that one version of it applies and the other does not, while nothing else stands in the way; the rest are about anything.

import type { EntityUid, Policy, Schema } from '@cardea/policy'
import { changedPolicies, type PolicyChange } from '../diff/changed-policies.ts'
import { isOneSchema } from '../diff/difference.ts'
import type { World } from '../world.ts'
import { type CommonSchema, commonSchema } from './common-schema.ts'
import { type Conjunct, conjunctsOf, entityOf } from './conjuncts.ts'
import { Draft, freshUid, type Ground } from './draft.ts'
import { concerns, type Environment, environmentsOf } from './environments.ts'
import { createRandom, type Random } from './random.ts'
import { isValid, type Sample } from './sample.ts'
import { steer } from './steer.ts'
import { vocabularyOf } from './vocabulary.ts'

export interface Sampler {
  /** What both schemas know. */
  readonly common: CommonSchema
  readonly changes: readonly PolicyChange[]
  /** Sample number `index` of this seed: the same at any time. `undefined` when nothing can be asked of both. */
  draw(index: number): Sample | undefined
}

/** The last one is for luck alone: without turning anything, a draft is valid. */
const ATTEMPTS = 4
const FOCUSED = 0.75
const MAXIMUM_OTHERS = 6

/** `before` and `after` may be the same world: then the samples are about its policies. */
export function createSampler(before: World, after: World, seed: number): Sampler {
  const common = commonSchema(before.schema.definition, after.schema.definition)
  const { definition, opaque } = common
  const ground: Ground = { definition, opaque, vocabulary: vocabularyOf([...before.policies, ...after.policies]) }
  const changes = changedPolicies(before.policies, after.policies)
  const aims = createAims(before, after, changes, environmentsOf(definition))
  const schemas = isOneSchema(before, after) ? [after.schema] : [before.schema, after.schema]
  return {
    common,
    changes,
    draw(index) {
      if (aims.environments.length === 0) return undefined
      const random = createRandom(seed, index)
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const sample = drawOne(ground, aims, random, attempt < ATTEMPTS)
        if (schemas.every((schema) => isValid(sample, schema))) return sample
      }
      return undefined
    },
  }
}

/** A policy of one side. */
interface Aim {
  readonly policy: Policy
  readonly schema: Schema
  readonly conjuncts: readonly Conjunct[]
}

interface Aims {
  readonly environments: readonly Environment[]
  /** Pairs of which one is to apply and the other not; an added or removed policy has no other. */
  readonly pairs: readonly { readonly one: Aim; readonly other: Aim | undefined }[]
  readonly all: readonly Aim[]
  /** Where the policy has a say. */
  placesOf(aim: Aim): readonly Environment[]
  /** Who has a say there. */
  aimsAt(environment: Environment): readonly Aim[]
}

function createAims(
  before: World,
  after: World,
  changes: readonly PolicyChange[],
  environments: readonly Environment[],
): Aims {
  const aims = new Map<Policy, Aim>()
  const aimOf = (policy: Policy, { schema }: World): Aim => {
    const aim = aims.get(policy) ?? { policy, schema, conjuncts: conjunctsOf(policy) }
    aims.set(policy, aim)
    return aim
  }
  const all = after.policies.map((policy) => aimOf(policy, after))
  const pairs = changes.flatMap((change) => {
    const old = change.before === undefined ? undefined : aimOf(change.before, before)
    const now = change.after === undefined ? undefined : aimOf(change.after, after)
    return [
      ...(old === undefined ? [] : [{ one: old, other: now }]),
      ...(now === undefined ? [] : [{ one: now, other: old }]),
    ]
  })
  const places = new Map<Aim, readonly Environment[]>()
  const present = new Map<Environment, readonly Aim[]>()
  return {
    environments,
    pairs,
    all,
    placesOf: (aim) =>
      remember(places, aim, () => environments.filter((place) => concerns(aim.policy, place, aim.schema))),
    aimsAt: (place) =>
      remember(present, place, () =>
        [...aims.values()].filter(({ policy, schema }) => concerns(policy, place, schema)),
      ),
  }
}

function drawOne(ground: Ground, aims: Aims, random: Random, isSteered: boolean): Sample {
  const pair = isSteered ? pickPair(aims, random) : undefined
  const places = placesFor(pair, aims, random)
  const environment = random.pick(places.length === 0 ? aims.environments : places)
  const named = (side: 'principal' | 'resource'): EntityUid => {
    const entity = pair === undefined ? undefined : entityOf(pair.one.policy[side])
    return entity?.type === environment[side] && random.chance(0.8)
      ? entity
      : freshUid(ground, environment[side], random)
  }
  const draft = new Draft(ground, random, {
    action: environment.action,
    principal: named('principal'),
    resource: named('resource'),
  })
  const others = aims.aimsAt(environment)
  for (let count = random.below(3); count > 0; count -= 1) {
    const aim = random.maybe(others)
    if (aim !== undefined) grant(aim, draft, random)
  }
  if (pair === undefined) return draft.finish()
  clearTheWay(pair, others, draft, random)
  decideBy(pair, others, draft, random)
  return draft.finish()
}

type Pair = Aims['pairs'][number]

function pickPair({ pairs, all }: Aims, random: Random): Pair | undefined {
  if (random.chance(FOCUSED)) {
    const pair = random.maybe(pairs)
    if (pair !== undefined) return pair
  }
  const one = random.chance(0.5) ? random.maybe(all) : undefined
  return one === undefined ? undefined : { one, other: undefined }
}

/** Where one of the two has a say; where the other has none, if there is such a place. */
function placesFor(pair: Pair | undefined, aims: Aims, random: Random): readonly Environment[] {
  if (pair === undefined) return aims.environments
  const { one, other } = pair
  const places = aims.placesOf(one)
  if (other === undefined || random.chance(0.5)) return places
  const apart = new Set(aims.placesOf(other))
  const alone = places.filter((place) => !apart.has(place))
  return alone.length === 0 ? places : alone
}

/** Forbids that are not meant do not apply, and where a forbid is meant, something permits. */
function clearTheWay({ one, other }: Pair, others: readonly Aim[], draft: Draft, random: Random): void {
  const rest = others.filter((aim) => aim !== one && aim !== other)
  const [permits, forbids] = [rest.filter(isPermit), rest.filter((aim) => !isPermit(aim))]
  for (const forbid of some(forbids, MAXIMUM_OTHERS, random)) {
    if (random.chance(0.8)) miss(forbid, draft, random)
  }
  if (isPermit(one) && random.chance(0.8)) return
  const permit = random.maybe(permits)
  if (permit !== undefined) meet(permit, draft, random)
}

/** The one applies, and of what the other asks beyond that, something does not hold. */
function decideBy({ one, other }: Pair, present: readonly Aim[], draft: Draft, random: Random): void {
  meet(one, draft, random)
  if (other === undefined || !present.includes(other)) return
  const asked = new Set(one.conjuncts.map(({ key }) => key))
  const beyond = other.conjuncts.filter(({ key }) => !asked.has(key))
  const conjunct = random.maybe(beyond.length > 0 && random.chance(0.9) ? beyond : other.conjuncts)
  if (conjunct !== undefined) steer(conjunct.expression, !conjunct.wanted, draft, random)
}

function meet(aim: Aim, draft: Draft, random: Random): void {
  grant(aim, draft, random)
  for (const { expression, wanted } of aim.conjuncts) steer(expression, wanted, draft, random)
}

function miss({ conjuncts }: Aim, draft: Draft, random: Random): void {
  const conjunct = random.maybe(conjuncts)
  if (conjunct !== undefined) steer(conjunct.expression, !conjunct.wanted, draft, random)
}

/** A grant of a template to the principal, on the resource or on what it is in. */
function grant({ policy: { id, slots } }: Aim, draft: Draft, random: Random): void {
  if (slots.length === 0) return
  const toOf = (uid: EntityUid, direct: number): EntityUid =>
    random.chance(direct) ? uid : (random.maybe(draft.ancestors(uid)) ?? uid)
  const count = draft.links.filter(({ template }) => template === id).length
  draft.links.push({
    id: count === 0 ? id : `${id}-${count + 1}`,
    template: id,
    ...(slots.includes('principal') ? { principal: toOf(draft.principal, 0.8) } : {}),
    ...(slots.includes('resource') ? { resource: toOf(draft.resource, 0.5) } : {}),
  })
}

function isPermit({ policy }: Aim): boolean {
  return policy.effect === 'permit'
}

/** At most so many of them, each as likely as another. */
function some<T>(list: readonly T[], count: number, random: Random): readonly T[] {
  if (list.length <= count) return list
  const start = random.below(list.length)
  return Array.from({ length: count }, (_, at) => list[(start + at) % list.length]).flatMap((one) => one ?? [])
}

function remember<K, V>(table: Map<K, V>, key: K, make: () => V): V {
  const known = table.get(key)
  if (known !== undefined) return known
  const made = make()
  table.set(key, made)
  return made
}
