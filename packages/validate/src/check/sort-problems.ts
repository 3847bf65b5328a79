// The order in which problems are shown.

import type { Problem } from '@cardea/policy'

/** By file and place; errors before warnings of one place; what has no place comes first. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted(
    (left, right) =>
      compare(left.span?.file ?? '', right.span?.file ?? '') ||
      (left.span?.start ?? 0) - (right.span?.start ?? 0) ||
      compare(left.severity, right.severity) ||
      compare(left.message, right.message),
  )
}

/** By code units, so that the order is the same everywhere. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
