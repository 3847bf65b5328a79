// Makes a scenario on which judges disagree smaller while they still do: fewer requests, policies, links, entities, attributes and
// parents, and simpler expressions. Policies are cut as trees, so that what is left is always a policy.

import { parsePolicies, type Policy } from '@cardea/policy'
import { printPolicy } from '@cardea/policy/print'
import { smallerExpressions } from './smaller-expressions.ts'
import type { Scenario, ScenarioPolicy } from './scenario.ts'
import type { Json } from './value-json.ts'

/** At most so many candidates are tried: each asks every judge. */
const MAXIMUM_TRIES = 5000

/** The smallest scenario found for which `fails` holds; the given one must. The ids of policies stay their places. */
export function shrink(scenario: Scenario, fails: (candidate: Scenario) => boolean): Scenario {
  let smallest = scenario
  let tries = 0
  for (let progress = true; progress; ) {
    progress = false
    for (const candidate of candidates(smallest)) {
      if (tries++ === MAXIMUM_TRIES) return smallest
      if (!fails(candidate)) continue
      smallest = candidate
      progress = true
      break
    }
  }
  return smallest
}

/** Simpler scenarios, the boldest first. */
function* candidates(scenario: Scenario): Generator<Scenario> {
  for (const requests of fewer(scenario.requests)) if (requests.length > 0) yield { ...scenario, requests }
  yield* fewerPolicies(scenario)
  for (const links of fewer(scenario.links)) yield { ...scenario, links }
  for (const entities of fewer(scenario.entities)) yield { ...scenario, entities }
  if (scenario.schema === undefined) for (const actions of fewer(scenario.actions)) yield { ...scenario, actions }
  if (scenario.schema !== undefined) {
    const { schema, ...without } = scenario
    if (schema !== '') yield without
  }
  yield* simplerPolicies(scenario)
  for (const [index, entity] of scenario.entities.entries()) {
    const replace = (changes: Partial<typeof entity>): Scenario => ({
      ...scenario,
      entities: scenario.entities.with(index, { ...entity, ...changes }),
    })
    for (const parents of fewer(entity.parents)) yield replace({ parents })
    for (const attrs of fewerFields(entity.attrs)) yield replace({ attrs })
    for (const tags of fewerFields(entity.tags ?? {})) yield replace({ tags })
  }
  for (const [index, request] of scenario.requests.entries()) {
    for (const context of fewerFields(request.context)) {
      yield { ...scenario, requests: scenario.requests.with(index, { ...request, context }) }
    }
  }
}

/** Without a half, a quarter ... of the items, down to one. */
function* fewer<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let size = Math.ceil(items.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < items.length; from += size) yield items.toSpliced(from, size)
  }
}

function* fewerFields(fields: { readonly [name: string]: Json }): Generator<{ readonly [name: string]: Json }> {
  for (const entries of fewer(Object.entries(fields))) yield Object.fromEntries(entries)
}

/** Policies are named by their place, so the links of those that follow move with them. */
function* fewerPolicies(scenario: Scenario): Generator<Scenario> {
  for (const kept of fewer(scenario.policies)) {
    if (kept.length === 0) continue
    const names = new Map(kept.map(({ id }, index) => [id, `policy${index}`]))
    yield {
      ...scenario,
      policies: kept.map((policy, index) => ({ ...policy, id: `policy${index}` })),
      links: scenario.links.flatMap((link) => {
        const template = names.get(link.template)
        return template === undefined ? [] : [{ ...link, template }]
      }),
    }
  }
}

function* simplerPolicies(scenario: Scenario): Generator<Scenario> {
  for (const [index, policy] of scenario.policies.entries()) {
    const [tree] = parsePolicies(policy.text, { ids: 'position' }).policies
    if (tree === undefined) continue
    for (const simpler of simplerTrees(tree)) {
      const text = textOf(simpler)
      if (text === undefined || text.length >= policy.text.length) continue
      const replaced: ScenarioPolicy = { ...policy, text }
      yield { ...scenario, policies: scenario.policies.with(index, replaced) }
    }
  }
}

function* simplerTrees(tree: Policy): Generator<Policy> {
  for (const conditions of fewer(tree.conditions)) yield { ...tree, conditions }
  for (const side of ['principal', 'action', 'resource'] as const) {
    const { kind, span } = tree[side]
    const isSlot = side !== 'action' && tree.slots.includes(side)
    if (kind !== 'all' && !isSlot) yield { ...tree, [side]: { kind: 'all', span } }
  }
  for (const [index, condition] of tree.conditions.entries()) {
    for (const body of smallerExpressions(condition.body)) {
      yield { ...tree, conditions: tree.conditions.with(index, { ...condition, body }) }
    }
  }
}

/** Nothing when the tree cannot be written. */
function textOf(tree: Policy): string | undefined {
  try {
    return printPolicy({ ...tree, annotations: new Map() })
  } catch {
    return undefined
  }
}
