// Many questions about one pair: which actions may this principal do on this resource, which of these principals may do this. Entities
// and links are found once, a policy is evaluated once for all actions that it concerns, and nothing that a yes or no does not need.
// INVARIANT: an action, or a principal, is in the answer exactly when `decide` allows it.

import type { Entry } from '../compile/entry.ts'
import type { Program } from '../compile/program.ts'
import { NOBODY } from '../operator/evaluation.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import type { EntityUid, Value } from '../value/value.ts'
import { MOST_ACTIONS, planOf, stepOf } from './actions-plan.ts'
import type { Step } from './actions-plan.ts'
import { decide } from './decide.ts'
import { eachLink } from './match.ts'
import { beginEvaluation } from './request.ts'
import type { Request } from './request.ts'

export interface ActionsQuestion extends Omit<Request, 'action'> {
  /**
   * Which actions are asked for; with a schema, all that apply to the two types by default. Without one: none. Asked again with the
   * same list, what concerns the caller is remembered.
   */
  readonly actions?: readonly EntityUid[]
  /** The context of one action, where they differ; `context` by default. */
  readonly contextOf?: (action: EntityUid) => ReadonlyMap<string, Value>
}

/**
 * The actions that the principal may do on the resource, in the order asked. Never throws: what fails is not allowed.
 * Does not check requests against the schema. Cost: the policies that concern any of the actions, each once; without a schema, one
 * decision each.
 */
export function allowedActions(program: Program, question: ActionsQuestion): EntityUid[] {
  try {
    const evaluation = beginEvaluation(program, { ...question, action: NOBODY })
    const actions = question.actions ?? applicableActions(program, evaluation)
    if (program.schema === undefined) return actions.filter((action) => isAllowed(program, question, action))
    if (actions.length <= MOST_ACTIONS) return allowedOf(program, question, evaluation, actions)
    const allowed: EntityUid[] = []
    for (let at = 0; at < actions.length; at += MOST_ACTIONS) {
      allowed.push(...allowedOf(program, question, evaluation, actions.slice(at, at + MOST_ACTIONS)))
    }
    return allowed
  } catch {
    return []
  }
}

/**
 * Those of the candidates who may do the action on the resource, in their order. `links` are the grants of all of them; their entities
 * are in `entities`. Never throws: who fails is not allowed. Cost: one decision each.
 */
export function allowedPrincipals(
  program: Program,
  question: Omit<Request, 'principal' | 'principalEntity'>,
  candidates: readonly EntityUid[],
): EntityUid[] {
  return candidates.filter((principal) => decide(program, { ...question, principal }).decision === 'allow')
}

function isAllowed(program: Program, { contextOf, ...question }: ActionsQuestion, action: EntityUid): boolean {
  const context = contextOf === undefined ? question.context : contextOf(action)
  return decide(program, { ...question, action, context }).decision === 'allow'
}

function allowedOf(
  program: Program,
  { contextOf, links, nowSeconds }: ActionsQuestion,
  evaluation: Evaluation,
  actions: readonly EntityUid[],
): EntityUid[] {
  const { steps, resourceEqual, resourceIn, templates } = planOf(program, evaluation, actions)
  const { resource, resourceEntity } = evaluation
  const isStrict = program.forbidErrors === 'deny'
  let permitted = 0
  let denied = 0

  for (const step of steps) run(step, step.actions)
  for (const { what, actions } of resourceEqual) runAll(what.get(resource), actions)
  for (const { what, actions } of resourceIn) {
    runAll(what.get(resource), actions)
    if (resourceEntity === undefined) continue
    for (const entries of what.amongAncestors(resourceEntity.ancestors)) runAll(entries, actions)
  }
  if (templates.size > 0) {
    const search = { evaluation, nowSeconds, templates }
    eachLink(program.links, search, runTemplate)
    if (links !== undefined) eachLink(links, search, runTemplate)
  }
  const allowed = permitted & ~denied
  return actions.filter((_, at) => (allowed & (1 << at)) !== 0)

  function runTemplate(step: Step): void {
    run(step, step.actions)
  }

  function runAll(entries: readonly Entry[] | undefined, actions: number): void {
    if (entries !== undefined) for (const entry of entries) run(stepOf(entry), actions)
  }

  /** Evaluates once for all of the actions that still need it, or for each where it may differ. */
  function run({ what, readsAction, readsContext }: Step, concerned: number): void {
    const open = concerned & ~denied & (what.isPermit ? ~permitted : -1)
    if (open === 0) return
    if (!readsAction && (contextOf === undefined || !readsContext)) return note(what, open, what.run(evaluation))
    for (const [at, action] of actions.entries()) {
      if ((open & (1 << at)) === 0) continue
      const context = contextOf === undefined ? evaluation.context : contextOf(action)
      note(what, 1 << at, what.run({ ...evaluation, action, context }))
    }
  }

  function note({ isPermit }: Entry, concerned: number, result: ReturnType<Entry['run']>): void {
    if (isPermit) {
      if (result === true) permitted |= concerned
    } else if (result === true || (result !== false && isStrict)) denied |= concerned
  }
}

function applicableActions({ schema }: Program, { principal, resource }: Evaluation): EntityUid[] {
  return Object.values(schema?.definition.actions ?? {})
    .filter(({ principals, resources }) => principals.includes(principal.type) && resources.includes(resource.type))
    .map(({ uid: { type, id } }) => ({ kind: 'entity', type, id }))
}
