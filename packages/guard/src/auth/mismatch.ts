// A token that was let in although its binding does not fit the request, because the policy says so of some action: each question
// applies the rule of its own action. INVARIANT: it takes away from what the policies allow, and never adds to it.

import { type StepUpRemedy, strictestMode } from '@cardea/policy/annotation'
import type { BindingKind } from '@cardea/token'
import type { ActionRule } from '../edition/action-rule.ts'
import type { Edition } from '../edition/edition.ts'
import type { Lapse } from './standing.ts'

/** What does not fit, and how it is refused where nothing softens it. */
export interface Mismatch {
  readonly kind: BindingKind
  readonly lapse: Lapse
}

/** What the action makes of it: a refusal, a step-up, or `undefined` where all fits or is only recorded. */
export function mismatchLapse(mismatches: readonly Mismatch[], { mismatch }: ActionRule): Lapse | undefined {
  const [first] = mismatches
  // nearly always: this is asked of every question
  if (first === undefined) return undefined
  const mode = strictestMode(mismatch, kindsOf(mismatches))
  if (mode === 'log') return undefined
  const { lapse } = mismatches.find(({ kind }) => mismatch[kind] === mode) ?? first
  return mode === 'step-up' ? { ...lapse, ...STEP_UP } : lapse
}

/** Whether some action does not refuse it outright. Without one, nobody is let in. */
export function isSoftened(mismatches: readonly Mismatch[], edition: Edition): boolean {
  const kinds = kindsOf(mismatches)
  return edition.actions.values().some(({ mismatch }) => strictestMode(mismatch, kinds) !== 'deny')
}

export function kindsOf(mismatches: readonly Mismatch[]): BindingKind[] {
  return mismatches.map(({ kind }) => kind)
}

/** Now, not within some age: the new token is bound to where the person is now. */
const SIGN_IN: StepUpRemedy = Object.freeze({ kind: 'step-up', acrValues: [], maxAgeSeconds: 0 })
const STEP_UP: Lapse = { reason: 'binding', answer: 'step_up', remedy: SIGN_IN }
