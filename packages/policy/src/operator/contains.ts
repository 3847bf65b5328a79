// `set.contains(x)`: the left side is a set, the right side any value.

import { setContains } from '../value/equality.ts'
import { typeFault } from './fault.ts'
import { strictBinary } from './strict.ts'
import type { StrictBinary } from './strict.ts'
import { BOOL, isSet } from './type-of.ts'

const strict = strictBinary({ type: BOOL, accepts: (prove, left) => isSet(left, prove) }, (node) => {
  const fault = typeFault('the receiver of `contains` is not a set', node)
  return (left, right) => (typeof left === 'object' && left.kind === 'set' ? setContains(left, right) : fault)
})

export const containsOperator: StrictBinary = {
  ...strict,
  residual(node, partial) {
    const result = strict.residual(node, partial)
    if (result.kind !== 'contains' || result.left.kind !== 'literal') return result
    const { value } = result.left
    const isEmpty = typeof value === 'object' && value.kind === 'set' && value.elements.length === 0
    return isEmpty && partial.neverErrs(result.right) ? { kind: 'literal', value: false, span: node.span } : result
  },
}
