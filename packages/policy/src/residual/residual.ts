// What is left of a program when a part of the request is unknown: the same rule for whatever fills it. A list becomes a query with it,
// a route learns before its handler runs that nothing could be allowed, and "who can?" and "which buttons?" have one answer.
// INVARIANT: for every filling, evaluating the residual (`evaluateResidual`) gives the decision that `decide` gives.

import type { ForbidErrors, Program } from '../compile/program.ts'
import type { Rule } from '../compile/rule.ts'
import type { Decision } from '../decide/decision.ts'
import type { Entities } from '../entity/entities.ts'
import type { Clock } from '../operator/clock.ts'
import { partialOf } from '../operator/partial.ts'
import { focusExpression } from '../operator/table.ts'
import type { PartialEvaluation } from '../operator/operator.ts'
import type { Effect, Expression, VariableName } from '../syntax/tree.ts'
import { candidateRules } from './candidates.ts'
import { knowledgeOf, withImpliedTypes } from './knowledge.ts'
import { liveLinks, linkedCondition } from './link-condition.ts'
import { markExpression } from './marks.ts'
import type { MarkedExpression } from './marks.ts'
import { unknownsOf, unseenBy } from './request.ts'
import type { PartialRequest } from './request.ts'
import { conjunction, scopeExpression } from './scope.ts'

export type Residual = Bounded &
  (
    | { readonly kind: 'always-allow'; readonly permits: readonly string[] }
    | {
        readonly kind: 'always-deny'
        readonly reason: Decision['reason']
        readonly determining: readonly string[]
      }
    | {
        readonly kind: 'conditional'
        readonly forbidErrors: ForbidErrors
        /** What has to be filled in. */
        readonly unknowns: readonly VariableName[]
        /** Where conditions find the groups of an action: the schema's. */
        readonly actions: Entities
        /** One of them must be true. What could never be is gone, so there is at least one. */
        readonly permits: readonly ResidualPolicy[]
        /** Each must be false; under `skip`, not true. */
        readonly forbids: readonly ResidualPolicy[]
      }
  )

interface Bounded {
  /**
   * Unix seconds, exclusive: before it every filling is decided as the residual says, however far the clock has moved. Absent: neither a
   * grant nor the time bounds it. A time that is not later than the request's own says that it holds for that instant only.
   */
  readonly validUntil?: number
}

/** What is left of one policy, or of one template with all links that concern the request. */
export interface ResidualPolicy {
  readonly id: string
  readonly effect: Effect
  /** Over what is unknown only, with the scope folded in. A permit is asked whether it is true, a forbid as `forbidErrors` says. */
  readonly condition: MarkedExpression
  /** Ids of the links that can make it true. */
  readonly links?: readonly string[]
}

/**
 * The residual of a program. Never throws: what fails is `always-deny`.
 * With a schema, values are relied on to have the types that it says where `in` asks; with `checked`, on all that it says.
 * Cost: the policies of the action for the types that are known, and the caller's links.
 */
export function residual(program: Program, request: PartialRequest): Residual {
  try {
    return residualOrThrow(program, request)
  } catch {
    return { kind: 'always-deny', reason: 'forbid-error', determining: [], validUntil: 0 }
  }
}

/** A residual policy whose condition may be decided, and until when. */
interface Left {
  readonly id: string
  readonly effect: Effect
  readonly condition: Expression
  readonly links?: readonly string[]
  readonly until: number | undefined
}

function residualOrThrow(program: Program, asked: PartialRequest): Residual {
  const { forbidErrors } = program
  const request = withImpliedTypes(asked, program.schema)
  const knowledge = knowledgeOf(program, request, unseenBy(asked))
  const { clock, evaluation } = knowledge
  if (knowledge.actions?.length === 0) return { kind: 'always-deny', reason: 'no-permit', determining: [] }
  const partial = partialOf(knowledge)
  const all = candidateRules(program, request, evaluation.principalEntity).map((rule) =>
    leftOfRule(rule, program, request, partial, clock),
  )
  const left = all.filter(({ condition }) => !isLiteral(condition, false))

  const forbids = left.filter(({ effect }) => effect === 'forbid')
  const holding = forbids.filter(({ condition }) => condition.kind === 'literal')
  if (holding.length > 0) return alwaysDeny('forbid', holding)
  const erring = forbids.filter(({ condition }) => condition.kind === 'fault')
  if (erring.length > 0) return alwaysDeny('forbid-error', erring)
  const permits = left.filter(({ effect }) => effect === 'permit')
  if (permits.length === 0)
    return { ...alwaysDeny('no-permit', []), ...earliest(all.filter(({ effect }) => effect === 'permit')) }
  const sure = permits.filter(({ condition }) => isLiteral(condition, true))
  if (forbids.length === 0 && sure.length > 0) {
    const others = all.filter(({ effect }) => effect === 'forbid')
    return { kind: 'always-allow', permits: idsOf(sure), ...earliest([...sure, ...others]) }
  }
  const marked = ({ id, effect, condition, links }: Left): ResidualPolicy => {
    const policy = { id, effect, condition: markExpression(condition, partial, clock) }
    return links === undefined ? policy : { ...policy, links }
  }
  const conditional = { permits: permits.map(marked), forbids: forbids.map(marked) }
  const bound = earliest([...all, { until: boundOf(clock) }])
  const { actions } = evaluation
  return { kind: 'conditional', forbidErrors, unknowns: unknownsOf(request), actions, ...conditional, ...bound }
}

function leftOfRule(
  rule: Rule,
  program: Program,
  request: PartialRequest,
  partial: PartialEvaluation,
  clock: Clock | undefined,
): Left {
  const { id, effect, policy } = rule
  const isTemplate = policy.slots.length > 0
  const linked = isTemplate ? linkedCondition(policy, liveLinks(rule, program, request), partial) : undefined
  const parts = [...scopeExpression(policy), ...(linked === undefined ? [] : [linked.condition]), rule.condition]
  const exact = partial.condition(conjunction(parts, policy.span))
  const condition = simplify(exact, effect, program.forbidErrors)
  const ends = (linked?.links ?? []).flatMap(({ untilSeconds }) => untilSeconds ?? [])
  const until = [boundOf(clock), ...(request.nowSeconds === undefined ? [] : ends)]
  const links = linked === undefined ? {} : { links: linked.links.map(({ id }) => id) }
  return { id, effect, condition, ...links, until: earliestOf(until) }
}

/**
 * A condition is asked only one thing: of a permit, and of a forbid under `skip`, whether it is true; of a forbid under `deny`,
 * whether it is false. A fault of such a forbid is kept as what it is: it decides, and the reason says so.
 */
function simplify(condition: Expression, effect: Effect, forbidErrors: ForbidErrors): Expression {
  if (effect === 'permit' || forbidErrors === 'skip') return focusExpression(condition, true)
  return condition.kind === 'fault' ? condition : focusExpression(condition, false)
}

function alwaysDeny(reason: Decision['reason'], determining: readonly Left[]): Residual {
  return { kind: 'always-deny', reason, determining: idsOf(determining), ...earliest(determining) }
}

function idsOf(policies: readonly Left[]): string[] {
  return policies.flatMap(({ id, links }) => links ?? [id])
}

function earliest(bounded: readonly Pick<Left, 'until'>[]): Bounded {
  const validUntil = earliestOf(bounded.map(({ until }) => until))
  return validUntil === undefined ? {} : { validUntil }
}

function earliestOf(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce(
    (least, time) => (least === undefined || (time !== undefined && time < least) ? time : least),
    undefined,
  )
}

/** The last whole second before which all that was made of the time since the last call stays as it is. */
function boundOf(clock: Clock | undefined): number | undefined {
  const bound = clock?.takeBound()
  if (bound === undefined) return undefined
  const seconds = (bound - (((bound % 1000n) + 1000n) % 1000n)) / 1000n
  // not rounded up where a number is no longer exact
  return Math.min(Number(seconds), Number.MAX_SAFE_INTEGER)
}

function isLiteral(node: Expression, value: boolean): boolean {
  return node.kind === 'literal' && node.value === value
}
