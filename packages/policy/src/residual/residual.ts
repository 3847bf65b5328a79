// What is left of a program when everything but the resource is known: the same rule for every resource of a type. A list becomes
// a query with it, and a route learns before its handler runs that nothing could be allowed.
// INVARIANT: for every resource, evaluating the residual on it (`evaluateResidual`) gives the decision that `decide` gives.

import type { ForbidErrors, Program } from '../compile/program.ts'
import type { Rule } from '../compile/rule.ts'
import type { Decision } from '../decide/decision.ts'
import type { Request } from '../decide/request.ts'
import { partialOf } from '../operator/partial.ts'
import { focusExpression } from '../operator/table.ts'
import { NO_REQUEST } from '../operator/evaluation.ts'
import type { PartialEvaluation } from '../operator/operator.ts'
import type { Effect, Expression } from '../syntax/tree.ts'
import { candidateRules } from './candidates.ts'
import { liveLinks, linkedCondition } from './link-condition.ts'
import { conjunction, scopeExpression } from './scope.ts'

/** A request for all resources of a type. `entities` are complete but for entities of that type. */
export interface PartialRequest extends Omit<Request, 'resource' | 'resourceEntity'> {
  readonly resourceType: string
}

export type Residual =
  | { readonly kind: 'always-allow'; readonly permits: readonly string[] }
  | {
      readonly kind: 'always-deny'
      readonly reason: Decision['reason']
      readonly determining: readonly string[]
    }
  | {
      readonly kind: 'conditional'
      readonly forbidErrors: ForbidErrors
      /** One of them must be true. What could never be is gone, so there is at least one. */
      readonly permits: readonly ResidualPolicy[]
      /** Each must be false; under `skip`, not true. */
      readonly forbids: readonly ResidualPolicy[]
    }

/** What is left of one policy, or of one template with all links that concern the principal. */
export interface ResidualPolicy {
  readonly id: string
  readonly effect: Effect
  /** Over `resource` only, with the scope folded in. A permit is asked whether it is true, a forbid as `forbidErrors` says. */
  readonly condition: Expression
  readonly links?: readonly string[]
}

/**
 * The residual of a program. Never throws: what fails is `always-deny`.
 * With a schema, attributes of the resource are relied on to have the types that it says (see `checkEntity`).
 */
export function residual(program: Program, request: PartialRequest): Residual {
  try {
    return residualOrThrow(program, request)
  } catch {
    return { kind: 'always-deny', reason: 'forbid-error', determining: [] }
  }
}

function residualOrThrow(program: Program, request: PartialRequest): Residual {
  const { forbidErrors, index, schema } = program
  const { principal, action, context, entities, resourceType } = request
  const principalEntity = entities.get(principal)
  const evaluation = { ...NO_REQUEST, principal, action, context, entities, principalEntity, actions: index.actions }
  const partial = partialOf(evaluation, entities, resourceType, schema)
  const policies = candidateRules(program, request, principalEntity).flatMap((rule) =>
    residualOfRule(rule, program, request, partial),
  )

  const forbids = policies.filter(({ effect }) => effect === 'forbid')
  const holding = idsOf(forbids.filter(({ condition }) => condition.kind === 'literal'))
  if (holding.length > 0) return { kind: 'always-deny', reason: 'forbid', determining: holding }
  const erring = idsOf(forbids.filter(({ condition }) => condition.kind === 'fault'))
  if (erring.length > 0) return { kind: 'always-deny', reason: 'forbid-error', determining: erring }
  const permits = policies.filter(({ effect }) => effect === 'permit')
  if (permits.length === 0) return { kind: 'always-deny', reason: 'no-permit', determining: [] }
  const sure = permits.filter(({ condition }) => isLiteral(condition, true))
  if (forbids.length === 0 && sure.length > 0) return { kind: 'always-allow', permits: idsOf(sure) }
  return { kind: 'conditional', forbidErrors, permits, forbids }
}

function residualOfRule(
  rule: Rule,
  program: Program,
  request: PartialRequest,
  partial: PartialEvaluation,
): ResidualPolicy[] {
  const { id, effect, policy } = rule
  const links = policy.slots.length === 0 ? undefined : liveLinks(rule, program, request)
  const linked = links === undefined ? undefined : linkedCondition(policy, links, request.resourceType, partial)
  const parts = [...scopeExpression(policy), ...(linked === undefined ? [] : [linked.condition]), rule.condition]
  const exact = partial.condition(conjunction(parts, policy.span))
  const condition = simplify(exact, effect, program.forbidErrors)
  if (isLiteral(condition, false)) return []
  return [{ id, effect, condition, ...(linked === undefined ? {} : { links: linked.links }) }]
}

/**
 * A condition is asked only one thing: of a permit, and of a forbid under `skip`, whether it is true; of a forbid under `deny`,
 * whether it is false. A fault of such a forbid is kept as what it is: it decides, and the reason says so.
 */
function simplify(condition: Expression, effect: Effect, forbidErrors: ForbidErrors): Expression {
  if (effect === 'permit' || forbidErrors === 'skip') return focusExpression(condition, true)
  return condition.kind === 'fault' ? condition : focusExpression(condition, false)
}

function idsOf(policies: readonly ResidualPolicy[]): string[] {
  return policies.flatMap(({ id, links }) => links ?? [id])
}

function isLiteral(node: Expression, value: boolean): boolean {
  return node.kind === 'literal' && node.value === value
}
