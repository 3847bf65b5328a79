// The answer to a request, and the rule by which it follows from what the policies say.
// Cedar: any `forbid` denies, else any `permit` allows, else deny. Beyond Cedar, under `deny` an erroring `forbid` denies too.

import type { Hit } from '../compile/hit.ts'
import type { ForbidErrors } from '../compile/program.ts'
import type { Said, Tally } from '../compile/tally.ts'
import type { Span } from '../syntax/tree.ts'

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

const NONE: readonly never[] = Object.freeze([])

/** What `decide` answers when it fails itself. */
export const FAILED: Decision = Object.freeze({
  decision: 'deny',
  reason: 'forbid-error',
  determining: NONE,
  errors: Object.freeze([
    Object.freeze({
      policy: '',
      code: 'ERR_POLICY_EVALUATION_INTERNAL',
      message: 'the request could not be evaluated',
      span: Object.freeze({ file: '', start: 0, end: 0 }),
    }),
  ]),
})

/** The decision that follows. */
export function conclude(tally: Tally, forbidErrors: ForbidErrors): Decision {
  const { permit, forbid, more } = tally
  if (more !== undefined) return concludeSeveral(permit, forbid, more, forbidErrors)
  return forbid?.alone ?? permit?.alone ?? NO_PERMIT
}

const NO_PERMIT: Decision = Object.freeze({ decision: 'deny', reason: 'no-permit', determining: NONE, errors: NONE })

function concludeSeveral(
  permit: Hit | undefined,
  forbid: Hit | undefined,
  more: readonly Said[],
  forbidErrors: ForbidErrors,
): Decision {
  const faults = inOrder(more.filter(({ fault }) => fault !== undefined))
  const errors = faults.length === 0 ? NONE : faults.flatMap(policyFaults)
  if (forbid !== undefined) return { decision: 'deny', reason: 'forbid', determining: allIds(forbid, more), errors }
  const forbids = forbidErrors === 'skip' ? NONE : faults.filter(({ hit }) => !hit.isPermit)
  if (forbids.length > 0) {
    return { decision: 'deny', reason: 'forbid-error', determining: forbids.flatMap(({ hit }) => hit.ids), errors }
  }
  if (permit !== undefined) return { decision: 'allow', reason: 'permit', determining: allIds(permit, more), errors }
  return { decision: 'deny', reason: 'no-permit', determining: NONE, errors }
}

/** The ids of all that hold and have the same effect. */
function allIds(first: Hit, more: readonly Said[]): readonly string[] {
  const others = more.filter(({ hit, fault }) => fault === undefined && hit.isPermit === first.isPermit)
  return others.length === 0
    ? first.ids
    : inOrder([{ hit: first, fault: undefined }, ...others]).flatMap(({ hit }) => hit.ids)
}

/** Only parts of the index that follow each other can be out of order, so mostly nothing has to be sorted. */
function inOrder(said: readonly Said[]): readonly Said[] {
  let last = -1
  for (const { hit } of said) {
    const { order } = hit.rule
    if (order < last) return said.toSorted((left, right) => left.hit.rule.order - right.hit.rule.order)
    last = order
  }
  return said
}

function policyFaults({ hit, fault }: Said): PolicyFault[] {
  if (fault === undefined) return []
  const { code, message, span } = fault
  return hit.ids.map((policy) => ({ policy, code, message, span }))
}
