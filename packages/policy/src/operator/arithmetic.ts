// What `+`, `-` and `*` share: two Longs, and a result that fits 64 bits or is an error.

import { isLong } from '../value/long.ts'
import type { Long } from '../value/value.ts'
import { makeFault, typeFault } from './fault.ts'
import { strictBinary } from './strict.ts'
import type { StrictBinary } from './strict.ts'
import { LONG } from './type-of.ts'

/** `compute` answers `undefined` on overflow. */
export function arithmeticOperator(sign: string, compute: (left: Long, right: Long) => Long | undefined): StrictBinary {
  return strictBinary({ type: LONG }, (node) => {
    const type = typeFault(`an operand of \`${sign}\` is not a Long`, node)
    const overflow = makeFault('ERR_POLICY_EVALUATION_OVERFLOW', `the result of \`${sign}\` does not fit 64 bits`, node)
    return (left, right) => (isLong(left) && isLong(right) ? (compute(left, right) ?? overflow) : type)
  })
}
