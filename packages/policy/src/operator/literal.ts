// A constant.

import type { Literal } from '../syntax/tree.ts'
import type { Operator } from './operator.ts'

export const literalOperator: Operator<Literal> = {
  compile({ value }) {
    return () => value
  },
  residual: (node) => node,
  focus: (node, wanted) => ({ ...node, value: node.value === wanted ? wanted : !wanted }),
  isBoolean: ({ value }) => typeof value === 'boolean',
  neverErrs: () => true,
}
