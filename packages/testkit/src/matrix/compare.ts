// What a change of policy changed: the cells whose decision flipped, the dangerous direction first.

import type { Policy } from '@cardea/policy'
import type { Cell } from './run-matrix.ts'

export interface Flips {
  readonly newlyAllows: readonly Cell[]
  readonly newlyDenies: readonly Cell[]
}

/** Cells that are in both runs and decide otherwise now. */
export function flippedCells(before: readonly Cell[], after: readonly Cell[]): Flips {
  const decisions = new Map(before.map((cell) => [cell.key, cell.decision.decision]))
  const flipped = after.filter((cell) => (decisions.get(cell.key) ?? cell.decision.decision) !== cell.decision.decision)
  return {
    newlyAllows: flipped.filter((cell) => cell.decision.decision === 'allow'),
    newlyDenies: flipped.filter((cell) => cell.decision.decision === 'deny'),
  }
}

/** Ids of the policies that determined no cell: no test would notice if they were gone. */
export function undeterminedPolicies(policies: readonly Policy[], cells: readonly Cell[]): string[] {
  const determined = new Set(cells.flatMap((cell) => cell.decision.determining))
  return policies.map((policy) => policy.id).filter((id) => !determined.has(id))
}
