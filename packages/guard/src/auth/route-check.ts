// Checkpoint one: what can be said before the handler runs and the resource is known. It refuses what can never be allowed, and
// only that. INVARIANT: what it refuses, checkpoint two would refuse on every resource.

import { residual, type Residual, unknownEntity, type Value } from '@cardea/policy'
import type { Remedy } from '@cardea/policy/annotation'
import type { ActionRule } from '../edition/action-rule.ts'
import type { AnswerCode } from '../problem.ts'
import type { Reason } from '../reason.ts'
import { afterStepUp, askedAs, type Asking, denyReason } from './judge.ts'
import { mismatchLapse } from './mismatch.ts'
import { contextFor, type RequestFacts } from './request-context.ts'

export interface RouteDenial {
  readonly reason: Reason
  readonly answer: AnswerCode
  readonly policies: readonly string[]
  readonly remedy?: Remedy
}

const NOTHING_SAID: ReadonlyMap<string, Value> = new Map<string, Value>()

/** `undefined`: some resource may be allowed. */
export function checkRoute(asking: Asking, rule: ActionRule): RouteDenial | undefined {
  // what another decides in the place of the policies, they cannot foresee
  if (asking.deciders?.get(rule.name)?.mode === 'alone' || passes(asking, rule)) return undefined
  const [first] = rule.definition.resources.map((type) => residualFor(asking, rule, type, asking.facts))
  const policies = first?.kind === 'always-deny' ? first.determining : []
  const reason = first?.kind === 'always-deny' ? denyReason(first) : 'no_permit'
  // The answer is the same for every resource, so it tells of none; who can see nothing at all is told nothing either.
  if (!mayKnow(asking, rule)) return { reason, answer: 'not_found', policies }
  const remedy = policies
    .flatMap((id) => asking.caller.edition.advice.get(id) ?? [])
    .find((advice) => advice.kind === 'step-up' && isOpen(asking, rule, afterStepUp(asking, advice)))
  return remedy === undefined
    ? { reason, answer: 'forbidden', policies }
    : { reason, answer: 'step_up', policies, remedy }
}

/** The same, remembered for the token and the context that the policies read. */
function passes(asking: Asking, rule: ActionRule): boolean {
  const { caller, source, facts, nowSeconds } = asking
  const { grantVersion: version } = source
  const context = rule.reads.map((name) => facts.get(name))
  const known = caller.routes.get(rule)
  if (known?.version === version && nowSeconds < known.untilSeconds && isSame(known.context, context)) {
    return known.passes
  }
  const passes = isOpen(asking, rule, facts)
  const ends = caller.facts.grants.flatMap(({ untilSeconds = 0 }) => (untilSeconds > nowSeconds ? untilSeconds : []))
  const untilSeconds = ends.reduce((least, end) => Math.min(least, end), Number.POSITIVE_INFINITY)
  caller.routes.set(rule, { passes, version, context, untilSeconds })
  return passes
}

/** Values by identity: what is made anew, as the time is, is another one. */
function isSame(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.every((value, index) => value === right[index])
}

/**
 * Whether the action may be allowed on some resource of some type. A fact that is required and not known is left to checkpoint
 * two, which can say what would help.
 */
function isOpen(asking: Asking, rule: ActionRule, facts: RequestFacts): boolean {
  return rule.definition.resources.some((type) => residualFor(asking, rule, type, facts).kind !== 'always-deny')
}

/**
 * Whether the caller may see some resource of a type that the action is done on. An action that has a decider shows nothing here: the policies
 * alone do not allow it.
 */
function mayKnow(asking: Asking, { definition }: ActionRule): boolean {
  const { revealing } = asking.caller.edition
  const rules = new Set(definition.resources.flatMap((type) => revealing.get(type) ?? []))
  return [...rules].some(
    (rule) =>
      asking.deciders?.has(rule.name) !== true &&
      mismatchLapse(asking.facts.mismatches, rule) === undefined &&
      isOpen(asking, rule, asking.facts),
  )
}

function residualFor(asking: Asking, rule: ActionRule, resourceType: string, facts: RequestFacts): Residual {
  return residual(asking.caller.edition.program, {
    ...askedAs(asking),
    action: rule.uid,
    resource: unknownEntity(resourceType),
    context: contextFor(rule, facts, NOTHING_SAID).context,
    unknownContext: rule.handlerNames,
  })
}
