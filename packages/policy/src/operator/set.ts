// `[a, b, ...]`: every element is evaluated, duplicates fall away.

import type { SetLiteral } from '../syntax/tree.ts'
import { setValue } from '../value/equality.ts'
import type { Value } from '../value/value.ts'
import { isFault } from './fault.ts'
import type { Operator } from './operator.ts'
import { finish } from './strict.ts'
import { typeOfSet } from './type-of.ts'

export const setOperator: Operator<SetLiteral> = {
  compile(node, compile) {
    const elements = node.elements.map(compile)
    return (evaluation) => {
      const values: Value[] = []
      for (const element of elements) {
        const value = element(evaluation)
        if (isFault(value)) return value
        values.push(value)
      }
      return setValue(values)
    }
  },
  residual(node, partial) {
    const elements = node.elements.map(partial.residual)
    return finish({ ...node, elements }, elements, partial)
  },
  typeOf: ({ elements }, prove) => typeOfSet(elements.map(prove.typeOf)),
  neverErrs: (node, prove) => node.elements.every(prove.neverErrs),
}
