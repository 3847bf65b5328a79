// What `<`, `<=`, `>` and `>=` share: both sides are Longs, both datetimes, or both durations. Decimals have methods instead.

import type { Expression } from '../syntax/tree.ts'
import { isLong } from '../value/long.ts'
import type { Long } from '../value/value.ts'
import { typeFault } from './fault.ts'
import type { Proof } from './operator.ts'
import { strictBinary } from './strict.ts'
import type { StrictBinary } from './strict.ts'
import { BOOL, hasType } from './type-of.ts'

/** JavaScript compares `number` with `bigint` exactly, so `holds` needs no conversion. */
export function comparisonOperator(sign: string, holds: (left: Long, right: Long) => boolean): StrictBinary {
  return strictBinary({ type: BOOL, accepts: areComparable }, (node) => {
    const fault = typeFault(`the operands of \`${sign}\` are not two Longs, two datetimes or two durations`, node)
    return (left, right) => {
      if (isLong(left)) return isLong(right) ? holds(left, right) : fault
      if (typeof left !== 'object' || typeof right !== 'object') return fault
      if (left.kind === 'datetime' && right.kind === 'datetime') return holds(left.milliseconds, right.milliseconds)
      if (left.kind === 'duration' && right.kind === 'duration') return holds(left.milliseconds, right.milliseconds)
      return fault
    }
  })
}

function areComparable(prove: Proof, left: Expression, right: Expression): boolean {
  return (['Long', 'datetime', 'duration'] as const).some(
    (type) => hasType(left, type, prove) && hasType(right, type, prove),
  )
}
