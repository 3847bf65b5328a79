// What `<`, `<=`, `>` and `>=` share: both sides are Longs, both datetimes, or both durations. Decimals have methods instead.

import { isLong } from '../value/long.ts'
import type { Long } from '../value/value.ts'
import { typeFault } from './fault.ts'
import { strictBinary } from './strict.ts'
import type { StrictBinary } from './strict.ts'

/** JavaScript compares `number` with `bigint` exactly, so `holds` needs no conversion. */
export function comparisonOperator(sign: string, holds: (left: Long, right: Long) => boolean): StrictBinary {
  return strictBinary({ isBoolean: true }, (node) => {
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
