// `set.isEmpty()`; an error on anything but a set.

import type { Unary } from '../syntax/tree.ts'
import { typeFault } from './fault.ts'
import type { Operator } from './operator.ts'
import { strictUnary } from './strict.ts'

export const isEmptyOperator: Operator<Unary> = strictUnary({ isBoolean: true }, (node) => {
  const fault = typeFault('the receiver of `isEmpty` is not a set', node)
  return (operand) => (typeof operand === 'object' && operand.kind === 'set' ? operand.elements.length === 0 : fault)
})
