// `a.containsAll(b)` for two sets: is every element of `b` in `a`? True for an empty `b`.

import type { Binary } from '../syntax/tree.ts'
import { setContains } from '../value/equality.ts'
import { typeFault } from './fault.ts'
import type { Operator } from './operator.ts'
import { strictBinary } from './strict.ts'

export const containsAllOperator: Operator<Binary> = strictBinary({ isBoolean: true }, (node) => {
  const fault = typeFault('an operand of `containsAll` is not a set', node)
  return (left, right) => {
    if (typeof left !== 'object' || left.kind !== 'set') return fault
    if (typeof right !== 'object' || right.kind !== 'set') return fault
    return right.elements.every((element) => setContains(left, element))
  }
})
