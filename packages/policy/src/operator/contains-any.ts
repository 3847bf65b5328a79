// `a.containsAny(b)` for two sets: is any element of `b` in `a`? False for an empty `b`.

import { setContains } from '../value/equality.ts'
import { typeFault } from './fault.ts'
import { strictBinary } from './strict.ts'
import type { StrictBinary } from './strict.ts'
import { areSets, BOOL } from './type-of.ts'

export const containsAnyOperator: StrictBinary = strictBinary({ type: BOOL, accepts: areSets }, (node) => {
  const fault = typeFault('an operand of `containsAny` is not a set', node)
  return (left, right) => {
    if (typeof left !== 'object' || left.kind !== 'set') return fault
    if (typeof right !== 'object' || right.kind !== 'set') return fault
    return right.elements.some((element) => setContains(left, element))
  }
})
