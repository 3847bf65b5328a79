// A constant.

import type { Literal } from '../syntax/tree.ts'
import type { Operator } from './operator.ts'

export const literalOperator: Operator<Literal> = {
  compile({ value }) {
    return () => value
  },
  residual: (node) => node,
  isBoolean: ({ value }) => typeof value === 'boolean',
  neverErrs: () => true,
}
