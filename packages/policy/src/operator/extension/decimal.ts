// Comparison of decimals, which `<` and its siblings do not take.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-operators.html#decimal-functions

import { binaryMethod } from './extension.ts'
import type { Extension } from './extension.ts'

export const lessThan: Extension = comparison((left, right) => left < right)
export const lessThanOrEqual: Extension = comparison((left, right) => left <= right)
export const greaterThan: Extension = comparison((left, right) => left > right)
export const greaterThanOrEqual: Extension = comparison((left, right) => left >= right)

function comparison(holds: (left: bigint, right: bigint) => boolean): Extension {
  return binaryMethod(['decimal', 'decimal'], 'Bool', (left, right) => holds(left.scaled, right.scaled))
}
