// Cedar's rule said as plainly as possible: every policy and every link is tested one by one, without an index. What the engine is
// compared with.

import type { TemplateLink } from '../../src/compile/links.ts'
import type { ForbidErrors } from '../../src/compile/program.ts'
import { closures } from '../../src/compile/evaluator.ts'
import { Rule } from '../../src/compile/rule.ts'
import type { Request } from '../../src/decide/request.ts'
import { NO_ENTITIES } from '../../src/entity/entities.ts'
import type { Evaluation } from '../../src/operator/evaluation.ts'
import { compileExpression } from '../../src/operator/table.ts'
import { conjunction, scopeExpression } from '../../src/residual/scope.ts'
import type { Policy, Scope, Slot } from '../../src/syntax/tree.ts'
import type { EntityUid } from '../../src/value/value.ts'

export interface PlainDecision {
  readonly decision: 'allow' | 'deny'
  readonly reason: string
  readonly determining: readonly string[]
  readonly errors: readonly string[]
}

export function scan(
  policies: readonly Policy[],
  links: readonly TemplateLink[],
  forbidErrors: ForbidErrors,
  request: Request,
): PlainDecision {
  const outcomes = policies
    .flatMap((policy) => linked(policy, links))
    .map(([id, policy]) => ({
      id,
      effect: policy.effect,
      result: evaluate(policy, request),
    }))
  const idsWith = (effect: string, result: unknown): string[] =>
    outcomes.filter((each) => each.effect === effect && each.result === result).map(({ id }) => id)
  const errors = outcomes.filter(({ result }) => result === 'error').map(({ id }) => id)
  const forbids = idsWith('forbid', true)
  if (forbids.length > 0) return { decision: 'deny', reason: 'forbid', determining: forbids, errors }
  const erring = forbidErrors === 'deny' ? idsWith('forbid', 'error') : []
  if (erring.length > 0) return { decision: 'deny', reason: 'forbid-error', determining: erring, errors }
  const permits = idsWith('permit', true)
  if (permits.length > 0) return { decision: 'allow', reason: 'permit', determining: permits, errors }
  return { decision: 'deny', reason: 'no-permit', determining: [], errors }
}

function evaluate(policy: Policy, request: Request): boolean | 'error' {
  const { entities, principal, resource } = request
  const evaluation: Evaluation = {
    ...request,
    principalEntity: entities.get(principal),
    resourceEntity: entities.get(resource),
    actions: NO_ENTITIES,
  }
  const condition = conjunction([...scopeExpression(policy), new Rule(policy, 0, closures).condition], policy.span)
  const result = compileExpression(condition)(evaluation)
  return typeof result === 'boolean' ? result : 'error'
}

/** A template stands once for each of its links, with its slots filled; without links it stands for nothing. */
function linked(policy: Policy, links: readonly TemplateLink[]): [string, Policy][] {
  if (policy.slots.length === 0) return [[policy.id, policy]]
  return links
    .filter(({ template }) => template === policy.id)
    .map((link) => [
      link.id,
      {
        ...policy,
        slots: [],
        principal: fill(policy.principal, 'principal', link.principal),
        resource: fill(policy.resource, 'resource', link.resource),
      },
    ])
}

function fill(scope: Scope, slot: Slot, entity: EntityUid | undefined): Scope {
  const isSlot = (reference: { readonly kind: string } | undefined): boolean => reference?.kind === 'slot'
  if (entity === undefined) return scope
  if ((scope.kind === 'equal' || scope.kind === 'in') && isSlot(scope.entity)) return { ...scope, entity }
  if (scope.kind === 'is' && isSlot(scope.in)) return { ...scope, in: entity }
  if (scope.kind === 'all') throw new Error(`a scope without slot cannot be filled: ${slot}`)
  return scope
}
