// What commands that decide have in common: the exit code, and the difference between Cedar's rule and a guard's.

import type { Decision } from '@cardea/policy'
import { colors } from './colors.ts'

const DENY_EXIT_CODE = 2

/** 0 for allow, 2 for deny; 1 is left to errors. */
export function exitCodeOf({ decision }: Pick<Decision, 'decision'>): number {
  return decision === 'allow' ? 0 : DENY_EXIT_CODE
}

/** A forbid that errs is skipped by Cedar and denies at a guard: said when that changes the decision. */
export function warnOfStricter({ decision }: Pick<Decision, 'decision'>, stricter: Pick<Decision, 'decision'>): void {
  if (stricter.decision === decision) return
  const { yellow } = colors()
  console.error(
    yellow('warning: a forbid could not be decided. Cedar skips it, as here; a guard denies (`forbidErrors: deny`)'),
  )
}
