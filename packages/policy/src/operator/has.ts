// `x has a` and `x has a.b.c`. False for an entity that is not there and for an absent attribute; an error on a value that is
// neither entity nor record. A path asks step by step: `x has a && x.a has b && ...`.

import type { Has } from '../syntax/tree.ts'
import { fieldReader } from '../value/fields.ts'
import { internName } from '../value/intern.ts'
import type { Value } from '../value/value.ts'
import { entityReader } from './attribute.ts'
import type { Evaluation } from './evaluation.ts'
import { findEntity } from './evaluation.ts'
import { typeFault } from './fault.ts'
import type { Result } from './fault.ts'
import type { Operator } from './operator.ts'
import { isReference } from './reference.ts'

export const hasOperator: Operator<Has> = {
  compile(node, compile) {
    const path = node.path.map(internName)
    const [name = '', ...rest] = path
    const { of } = node
    const type = typeFault('the left side of `has` is neither entity nor record', node)
    if (rest.length === 0) {
      const read = fieldReader(name)
      if (of.kind === 'variable' && of.name === 'context') return ({ context }) => read(context) !== undefined
      const entity = entityReader(of)
      if (entity !== undefined) {
        return (evaluation) => {
          const found = entity(evaluation)
          return found !== undefined && read(found.attributes) !== undefined
        }
      }
    }
    const holder = compile(of)
    return (evaluation) => {
      let value: Result = holder(evaluation)
      for (const name of path) {
        if (typeof value !== 'object') return type
        if (value.kind === 'fault') return value
        if (value.kind !== 'entity' && value.kind !== 'record') return type
        const next: Value | undefined = fieldsOf(value, evaluation)?.get(name)
        if (next === undefined) return false
        value = next
      }
      return true
    }
  },
  residual(node, partial) {
    const of = partial.residual(node.of)
    if (of.kind === 'fault') return of
    const result = { ...node, of }
    if (of.kind !== 'literal') return result
    let { value }: { value: Value | undefined } = of
    for (const name of node.path) {
      if (typeof value !== 'object') break
      if (value.kind === 'entity' && !partial.knowsEntity(value)) return result
      if (value.kind !== 'entity' && value.kind !== 'record') break
      value = fieldsOf(value, partial.evaluation)?.get(name)
    }
    return partial.evaluate(result)
  },
  isBoolean: () => true,
  neverErrs: ({ of, path }) => (isReference(of) || of.kind === 'variable') && path.length === 1,
}

function fieldsOf(
  value: Extract<Value, { kind: 'entity' | 'record' }>,
  evaluation: Evaluation,
): ReadonlyMap<string, Value> | undefined {
  return value.kind === 'record' ? value.fields : findEntity(evaluation, value)?.attributes
}
