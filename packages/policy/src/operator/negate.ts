// `-x` for a Long; the smallest Long has no opposite.

import { isLong, negateLong } from '../value/long.ts'
import { makeFault, typeFault } from './fault.ts'
import { strictUnary } from './strict.ts'
import type { StrictUnary } from './strict.ts'
import { LONG } from './type-of.ts'

export const negateOperator: StrictUnary = strictUnary({ type: LONG }, (node) => {
  const type = typeFault('the operand of `-` is not a Long', node)
  const overflow = makeFault('ERR_POLICY_EVALUATION_OVERFLOW', 'the result of `-` does not fit 64 bits', node)
  return (operand) => (isLong(operand) ? (negateLong(operand) ?? overflow) : type)
})
