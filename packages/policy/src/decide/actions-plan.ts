// What several actions ask of one caller and one type of resource, gathered: each policy once, with the actions that it concerns as bits.
// Remembered with the caller's entity, as shortlists are.

import { childrenOf } from '../check/children.ts'
import type { Entry, TemplateEntry } from '../compile/entry.ts'
import { shortlistOf } from '../compile/program.ts'
import type { Program } from '../compile/program.ts'
import type { Rule } from '../compile/rule.ts'
import type { Entity } from '../entity/entities.ts'
import { sameEntity } from '../entity/uid.ts'
import type { UidMap } from '../entity/uid-map.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import type { Expression } from '../syntax/tree.ts'
import type { EntityUid } from '../value/value.ts'

/** Actions are bits of a number. */
export const MOST_ACTIONS = 30

/** Something found for some of the actions. */
export interface Concerning<T> {
  readonly what: T
  actions: number
}

export interface Step extends Concerning<Entry> {
  readonly readsAction: boolean
  readonly readsContext: boolean
}

export interface ActionsPlan {
  readonly steps: readonly Step[]
  readonly resourceEqual: readonly Concerning<UidMap<Entry[]>>[]
  readonly resourceIn: readonly Concerning<UidMap<Entry[]>>[]
  readonly templates: ReadonlyMap<string, Step & { readonly what: TemplateEntry }>
}

interface Remembered {
  readonly program: Program
  readonly actions: readonly EntityUid[]
  readonly principal: EntityUid
  readonly resourceType: string
  readonly plan: ActionsPlan
}

const remembered = new WeakMap<Entity, Remembered[]>()
/** Names from outside must not fill the memory. */
const MOST_REMEMBERED = 16

/** `actions` by identity: at most `MOST_ACTIONS`. With a schema only: without one, groups of actions are told by each request's entities. */
export function planOf(program: Program, evaluation: Evaluation, actions: readonly EntityUid[]): ActionsPlan {
  const { principal, principalEntity, resource } = evaluation
  if (principalEntity === undefined) return makePlan(program, evaluation, actions)
  let known = remembered.get(principalEntity)
  if (known === undefined) remembered.set(principalEntity, (known = []))
  for (const each of known) {
    const isIt = each.actions === actions && each.program === program && each.resourceType === resource.type
    if (isIt && sameEntity(each.principal, principal)) return each.plan
  }
  const plan = makePlan(program, evaluation, actions)
  if (known.length === MOST_REMEMBERED) known.length = 0
  known.push({ program, actions, principal, resourceType: resource.type, plan })
  return plan
}

function makePlan(program: Program, evaluation: Evaluation, actions: readonly EntityUid[]): ActionsPlan {
  const { principal, principalEntity, resource, entities } = evaluation
  const steps = new Map<Rule, Step>()
  const resourceEqual = new Map<unknown, Concerning<UidMap<Entry[]>>>()
  const resourceIn = new Map<unknown, Concerning<UidMap<Entry[]>>>()
  const templates = new Map<string, Step & { readonly what: TemplateEntry }>()
  for (const [at, action] of actions.entries()) {
    const { bucket, callers, keyed } = shortlistOf(program, { principal, principalEntity, action, resource, entities })
    for (const entry of [...bucket.entries, ...callers.always]) add(steps, entry.rule, stepOf(entry), at)
    for (const index of [callers, ...keyed]) {
      const { resourceEqual: equal, resourceIn: within } = index
      if (equal.size > 0) add(resourceEqual, equal, { what: equal, actions: 0 }, at)
      if (within.size > 0) add(resourceIn, within, { what: within, actions: 0 }, at)
    }
    for (const [id, template] of bucket.templates) add(templates, id, stepOf(template), at)
  }
  // a forbid may spare everything else
  const ordered = [...steps.values()].sort((left, right) => Number(left.what.isPermit) - Number(right.what.isPermit))
  return { steps: ordered, resourceEqual: [...resourceEqual.values()], resourceIn: [...resourceIn.values()], templates }
}

function add<K, T extends Concerning<unknown>>(found: Map<K, T>, key: K, made: T, at: number): void {
  const known = found.get(key) ?? made
  known.actions |= 1 << at
  found.set(key, known)
}

export function stepOf<E extends Entry>(entry: E): Step & { readonly what: E } {
  const { condition } = entry.rule
  return {
    what: entry,
    actions: 0,
    readsAction: reads(condition, 'action'),
    readsContext: reads(condition, 'context'),
  }
}

function reads(root: Expression, name: 'action' | 'context'): boolean {
  const open = [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === 'variable' && node.name === name) return true
    open.push(...childrenOf(node))
  }
  return false
}
