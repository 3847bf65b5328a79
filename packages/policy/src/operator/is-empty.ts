// `set.isEmpty()`; an error on anything but a set.

import { typeFault } from './fault.ts'
import { strictUnary } from './strict.ts'
import type { StrictUnary } from './strict.ts'
import { areSets, BOOL } from './type-of.ts'

export const isEmptyOperator: StrictUnary = strictUnary({ type: BOOL, accepts: areSets }, (node) => {
  const fault = typeFault('the receiver of `isEmpty` is not a set', node)
  return (operand) => (typeof operand === 'object' && operand.kind === 'set' ? operand.elements.length === 0 : fault)
})
