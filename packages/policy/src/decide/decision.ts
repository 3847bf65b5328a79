// The answer to a request, and the rule by which it follows from what the policies say.
// Cedar: any `forbid` denies, else any `permit` allows, else deny. Beyond Cedar, under `deny` an erroring `forbid` denies too.

import type { ForbidErrors } from '../compile/program.ts'
import type { Hit, Rule } from '../compile/rule.ts'
import type { Effect, Fault, Span } from '../syntax/tree.ts'

export interface Decision {
  readonly decision: 'allow' | 'deny'
  /** Which rule decided: a `permit`, a `forbid`, a `forbid` that could not be evaluated, or that nothing permits. */
  readonly reason: 'permit' | 'forbid' | 'forbid-error' | 'no-permit'
  /** Ids of all policies and links that determined it, in the order of the policies. */
  readonly determining: readonly string[]
  /** All policies that erred, in the order of the policies. */
  readonly errors: readonly PolicyFault[]
}

/** A policy that could not be evaluated on a request. */
export interface PolicyFault {
  /** The policy's id, or the link's for a template. */
  readonly policy: string
  readonly code: string
  readonly message: string
  readonly span: Span
}

/** What the policies looked at so far have said, in the order in which they were found. */
export interface Tally {
  permits: readonly Hit[]
  forbids: readonly Hit[]
  faults: readonly FaultHit[]
}

interface FaultHit extends Hit {
  readonly effect: Effect
  readonly fault: Fault
}

const NONE: readonly never[] = Object.freeze([])

export function createTally(): Tally {
  return { permits: NONE, forbids: NONE, faults: NONE }
}

/** Counts a rule that holds; `ids` are its own, or those of its links. */
export function addHit(tally: Tally, rule: Rule, ids: readonly string[]): void {
  const hits = ids === rule.hit.ids ? rule.hits : [{ order: rule.hit.order, ids }]
  if (rule.effect === 'permit') tally.permits = append(tally.permits, hits)
  else tally.forbids = append(tally.forbids, hits)
}

/** Counts a rule that erred. */
export function addFault(tally: Tally, rule: Rule, ids: readonly string[], fault: Fault): void {
  tally.faults = [...tally.faults, { order: rule.hit.order, ids, effect: rule.effect, fault }]
}

/** The decision that follows. */
export function conclude({ permits, forbids, faults }: Tally, forbidErrors: ForbidErrors): Decision {
  const errors = faults.length === 0 ? NONE : inOrder(faults).flatMap(policyFaults)
  if (forbids.length > 0) return { decision: 'deny', reason: 'forbid', determining: idsOf(forbids), errors }
  const forbidFaults = forbidErrors === 'skip' ? NONE : faults.filter(({ effect }) => effect === 'forbid')
  if (forbidFaults.length > 0) {
    return { decision: 'deny', reason: 'forbid-error', determining: idsOf(forbidFaults), errors }
  }
  if (permits.length > 0) return { decision: 'allow', reason: 'permit', determining: idsOf(permits), errors }
  return { decision: 'deny', reason: 'no-permit', determining: NONE, errors }
}

function append(hits: readonly Hit[], more: readonly Hit[]): readonly Hit[] {
  return hits.length === 0 ? more : [...hits, ...more]
}

function idsOf(hits: readonly Hit[]): readonly string[] {
  const [only] = hits
  if (hits.length === 1 && only !== undefined) return only.ids
  const ids: string[] = []
  for (const hit of inOrder(hits)) ids.push(...hit.ids)
  return ids
}

/** Only parts of the index that follow each other can be out of order, so mostly nothing has to be sorted. */
function inOrder<T extends Hit>(hits: readonly T[]): readonly T[] {
  let last = -1
  for (const { order } of hits) {
    if (order < last) return hits.toSorted((left, right) => left.order - right.order)
    last = order
  }
  return hits
}

function policyFaults({ ids, fault: { code, message, span } }: FaultHit): PolicyFault[] {
  return ids.map((policy) => ({ policy, code, message, span }))
}
