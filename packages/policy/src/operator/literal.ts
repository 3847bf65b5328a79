// A constant.

import type { Literal } from '../syntax/tree.ts'
import { internName } from '../value/intern.ts'
import type { Value } from '../value/value.ts'
import type { Operator } from './operator.ts'
import { typeOfValue } from './type-of.ts'

export const literalOperator: Operator<Literal> = {
  compile(node) {
    const value = intern(node.value)
    return () => value
  },
  residual: (node) => node,
  focus: (node, wanted) => ({ ...node, value: node.value === wanted ? wanted : !wanted }),
  typeOf: ({ value }) => typeOfValue(value),
  neverErrs: () => true,
}

/** References are what constants are mostly compared with. */
function intern(value: Value): Value {
  if (typeof value !== 'object' || value.kind !== 'entity') return value
  return { kind: 'entity', type: internName(value.type), id: internName(value.id) }
}
