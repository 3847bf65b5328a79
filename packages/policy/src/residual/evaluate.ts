// A residual on one loaded resource: the same decision that deciding would give, for the price of what is left.

import { closures } from '../compile/evaluator.ts'
import type { Test } from '../compile/evaluator.ts'
import { testOf } from '../compile/rule.ts'
import type { Decision, PolicyFault } from '../decide/decision.ts'
import type { Entities, Entity } from '../entity/entities.ts'
import { NO_REQUEST } from '../operator/evaluation.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import type { Residual, ResidualPolicy } from './residual.ts'

/**
 * Decides on one resource. The decision is exact. `reason`, `determining` and `errors` are those of what is left: a policy that
 * could not change the decision any more may be missing, and a template stands for its links.
 * `entities` are those that the residual was made with, and what the resource refers to. Never throws.
 */
export function evaluateResidual(residual: Residual, entity: Entity, entities: Entities): Decision {
  switch (residual.kind) {
    case 'always-allow':
      return { decision: 'allow', reason: 'permit', determining: residual.permits, errors: [] }
    case 'always-deny':
      return { decision: 'deny', reason: residual.reason, determining: residual.determining, errors: [] }
    case 'conditional':
      return evaluateConditional(residual, entity, entities)
    default:
      return residual satisfies never
  }
}

const tests = new WeakMap<ResidualPolicy, Test>()

function evaluateConditional(
  { forbidErrors, forbids, permits }: Extract<Residual, { kind: 'conditional' }>,
  entity: Entity,
  entities: Entities,
): Decision {
  const evaluation: Evaluation = { ...NO_REQUEST, resource: entity.uid, resourceEntity: entity, entities }
  const errors: PolicyFault[] = []
  try {
    const holds = (policy: ResidualPolicy): boolean => testPolicy(policy, evaluation, errors)
    const forbidding = forbids.filter(holds)
    if (forbidding.length > 0) return { decision: 'deny', reason: 'forbid', determining: idsOf(forbidding), errors }
    if (forbidErrors === 'deny' && errors.length > 0) {
      return { decision: 'deny', reason: 'forbid-error', determining: errors.map(({ policy }) => policy), errors }
    }
    const permitting = permits.filter(holds)
    if (permitting.length > 0) return { decision: 'allow', reason: 'permit', determining: idsOf(permitting), errors }
    return { decision: 'deny', reason: 'no-permit', determining: [], errors }
  } catch {
    return { decision: 'deny', reason: 'forbid-error', determining: [], errors }
  }
}

function testPolicy(policy: ResidualPolicy, evaluation: Evaluation, errors: PolicyFault[]): boolean {
  let test = tests.get(policy)
  if (test === undefined) {
    test = testOf(policy.condition, closures) ?? (() => true)
    tests.set(policy, test)
  }
  const result = test(evaluation)
  if (typeof result === 'boolean') return result
  const { code, message, span } = result
  errors.push({ policy: policy.id, code, message, span })
  return false
}

function idsOf(policies: readonly ResidualPolicy[]): string[] {
  return policies.map(({ id }) => id)
}
