// A part of a residual that is known to err.

import type { Fault } from '../syntax/tree.ts'
import type { Operator } from './operator.ts'
import { BOOL } from './type-of.ts'

export const faultOperator: Operator<Fault> = {
  compile(node) {
    return () => node
  },
  residual: (node) => node,
  focus: ({ span }, wanted) => ({ kind: 'literal', value: !wanted, span }),
  // it has no value at all
  typeOf: () => BOOL,
  neverErrs: () => false,
}
