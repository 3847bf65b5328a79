// `{ a: x, b: y, ... }`: every field is evaluated, also those that nobody reads.

import type { RecordLiteral } from '../syntax/tree.ts'
import { recordValue } from '../value/record.ts'
import type { Value } from '../value/value.ts'
import { isFault } from './fault.ts'
import type { Operator } from './operator.ts'
import { finish } from './strict.ts'
import { typeOfRecord } from './type-of.ts'

export const recordOperator: Operator<RecordLiteral> = {
  compile(node, compile) {
    const fields = [...node.fields].map(([name, field]) => ({ name, evaluate: compile(field) }))
    return (evaluation) => {
      const values: [string, Value][] = []
      for (const { name, evaluate } of fields) {
        const value = evaluate(evaluation)
        if (isFault(value)) return value
        values.push([name, value])
      }
      return recordValue(values)
    }
  },
  residual(node, partial) {
    const fields = new Map([...node.fields].map(([name, field]) => [name, partial.residual(field)]))
    return finish({ ...node, fields }, [...fields.values()], partial)
  },
  typeOf: ({ fields }, prove) => typeOfRecord([...fields].map(([name, field]) => [name, prove.typeOf(field)])),
  neverErrs: (node, prove) => [...node.fields.values()].every(prove.neverErrs),
}
