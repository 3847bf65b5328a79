// A residual with its unknowns filled in: the same decision that deciding would give, for the price of what is left.

import { closures } from '../compile/evaluator.ts'
import { testOf } from '../compile/rule.ts'
import type { Test } from '../compile/test.ts'
import type { Decision, PolicyFault } from '../decide/decision.ts'
import { beginEvaluation } from '../decide/request.ts'
import { NO_FIELDS } from '../entity/entities.ts'
import { NOBODY } from '../operator/evaluation.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import type { Filling } from './request.ts'
import type { Residual, ResidualPolicy } from './residual.ts'

/**
 * Decides on a filling. The decision is exact. `reason`, `determining` and `errors` are those of what is left: a policy that could
 * not change the decision any more may be missing, and a template stands for its links. An unknown that is not filled in is a deny.
 * Does not look at `validUntil`. Never throws.
 */
export function evaluateResidual(residual: Residual, filling: Filling): Decision {
  switch (residual.kind) {
    case 'always-allow':
      return { decision: 'allow', reason: 'permit', determining: residual.permits, errors: [] }
    case 'always-deny':
      return { decision: 'deny', reason: residual.reason, determining: residual.determining, errors: [] }
    case 'conditional':
      return evaluateConditional(residual, filling)
    default:
      return residual satisfies never
  }
}

const tests = new WeakMap<ResidualPolicy, Test>()

function evaluateConditional(
  { forbidErrors, unknowns, actions, forbids, permits }: Extract<Residual, { kind: 'conditional' }>,
  filling: Filling,
): Decision {
  const errors: PolicyFault[] = []
  try {
    const { principalEntity, resourceEntity } = filling
    const filled = { principal: principalEntity?.uid, resource: resourceEntity?.uid, ...filling }
    if (unknowns.some((name) => filled[name] === undefined)) return FAILED
    const { principal = NOBODY, resource = NOBODY, action = NOBODY, context = NO_FIELDS } = filled
    const evaluation = beginEvaluation({ index: { actions } }, { ...filled, principal, action, resource, context })
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
    return FAILED
  }
}

const FAILED: Decision = Object.freeze({ decision: 'deny', reason: 'forbid-error', determining: [], errors: [] })

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
