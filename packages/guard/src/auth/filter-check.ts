// The check of a list: what is left of the policies when the resource may be any of a type. Pure: it records nothing.

import { type Residual, residual, unknownEntity } from '@cardea/policy'
import type { RecordFacts } from '../kernel.ts'
import { askedAs, type Asking } from './judge.ts'
import { contextFor } from './request-context.ts'
import type { Question } from './request-parts.ts'

export interface FilterCheck {
  readonly left: Residual
  /** For records. */
  readonly outcome: Pick<RecordFacts, 'decision' | 'reason' | 'policies'>
}

/** A fact that is required and not known leaves nothing. */
export function checkFilter(asking: Asking, { rule, said }: Question, resourceType: string): FilterCheck {
  const { context, isIncomplete } = contextFor(rule, asking.facts, said)
  const left: Residual = isIncomplete
    ? { kind: 'always-deny', reason: 'no-permit', determining: [] }
    : residual(asking.caller.edition.program, {
        ...askedAs(asking),
        action: rule.uid,
        resource: unknownEntity(resourceType),
        context,
      })
  return { left, outcome: outcomeOf(left, isIncomplete) }
}

function outcomeOf(left: Residual, isIncomplete: boolean): FilterCheck['outcome'] {
  if (left.kind !== 'always-deny') return { decision: 'allow', reason: 'permit', policies: [] }
  return { decision: 'deny', reason: isIncomplete ? 'context_missing' : 'no_permit', policies: left.determining }
}
