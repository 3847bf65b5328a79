// An explanation in one line, and what would change the answer: for logs, and for answers in development.

import { phraseOf } from './change.ts'
import type { ConditionFlip, DeterminingPolicy, Explanation, Flip, NearMiss } from './explanation.ts'
import { codeText, policyText } from './text.ts'
import type { LineOptions } from './text.ts'

export interface Summary {
  /** Lower case, no full stop, policy text in backticks. */
  readonly line: string
  /** What would change a deny (as far as the policy named goes), as a noun phrase. */
  readonly change?: string
}

/** The determining policy, or the permit that came nearest, with the first part of it that came out otherwise. */
export function summarize(explanation: Explanation, options: LineOptions = {}): Summary {
  const [first] = explanation.determining
  const [nearest] = explanation.nearMisses
  switch (explanation.reason) {
    case 'permit':
      return first === undefined ? { line: 'a permit applies' } : { line: permitLine(first, options) }
    case 'forbid':
    case 'forbid-error':
      return first === undefined ? { line: 'the request could not be evaluated' } : summarizeForbid(first, options)
    case 'no-permit':
      return nearest === undefined
        ? { line: 'no permit is for this action on this type of resource' }
        : summarizeMiss(nearest, options)
    default:
      return explanation.reason satisfies never
  }
}

/** What came out otherwise: `` `resource.owner == principal` is false ``. */
export function reasonOf(flip: Flip, options: LineOptions): string {
  switch (flip.kind) {
    case 'scope':
      return `the ${flip.side} is not ${flip.relation === 'in' ? 'in ' : ''}${codeText(flip.entity, options)}`
    case 'grant':
      return GRANT_REASONS[flip.state]
    case 'condition':
      return conditionReason(flip, options)
    default:
      return flip satisfies never
  }
}

const GRANT_REASONS = {
  none: 'there is no grant of it here',
  elsewhere: 'there is no grant of it here, only elsewhere',
  expired: 'the grant has expired',
  'no-time': 'the grant ends, and the request says no time',
} as const

function permitLine({ policy, grant }: DeterminingPolicy, options: LineOptions): string {
  return `permit ${policyText(policy, options)} applies${grant === undefined ? '' : ' by a grant'}`
}

function summarizeForbid({ policy, error, flips: [flip] }: DeterminingPolicy, options: LineOptions): Summary {
  const head = `forbid ${policyText(policy, options)}`
  if (error !== undefined) return { line: `${head} errs: ${error.message}` }
  if (flip === undefined) return { line: `${head} denies whatever is in its scope` }
  return withChange(`${head} because ${reasonOf(flip, options)}`, flip, options)
}

function summarizeMiss({ policy, flips: [flip] }: NearMiss, options: LineOptions): Summary {
  const head = `no permit applies; the nearest is ${policyText(policy, options)}`
  return flip === undefined ? { line: head } : withChange(`${head}, but ${reasonOf(flip, options)}`, flip, options)
}

function withChange(line: string, { change }: Flip, options: LineOptions): Summary {
  return change === undefined ? { line } : { line, change: phraseOf(change, (text) => codeText(text, options)) }
}

function conditionReason({ text, outcome, error }: ConditionFlip, options: LineOptions): string {
  return `${codeText(text, options)} ${error === undefined ? `is ${outcome}` : `errs: ${error.message}`}`
}
