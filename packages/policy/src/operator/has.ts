// `x has a` and `x has a.b.c`. False for an entity that is not there and for an absent attribute; an error on a value that is
// neither entity nor record. A path asks step by step: `x has a && x.a has b && ...`.

import type { Expression, Fault, Has } from '../syntax/tree.ts'
import { fieldSite, readField } from '../value/fields.ts'
import { internName } from '../value/intern.ts'
import type { Value } from '../value/value.ts'
import { entityReader, isContext } from './attribute.ts'
import type { Evaluation } from './evaluation.ts'
import { findEntity } from './evaluation.ts'
import { isFault, typeFault } from './fault.ts'
import type { Operator, Proof } from './operator.ts'
import { fieldOf, isThere } from './prove.ts'
import { BOOL, hasType, isEntity } from './type-of.ts'

export const hasOperator: Operator<Has> = {
  compile(node, compile) {
    const path = node.path.map(internName)
    const [name = '', ...rest] = path
    const { of } = node
    const type = hasFault(node)
    if (rest.length === 0) {
      const site = fieldSite(name)
      if (of.kind === 'variable' && of.name === 'context')
        return ({ context }) => readField(site, context) !== undefined
      const entity = entityReader(of)
      if (entity !== undefined) {
        return (evaluation) => {
          const found = entity(evaluation)
          return found !== undefined && readField(site, found.attributes) !== undefined
        }
      }
    }
    const holder = compile(of)
    return (evaluation) => {
      const value = holder(evaluation)
      return isFault(value) ? value : (hasPath(value, path, evaluation) ?? type)
    }
  },
  residual(node, partial) {
    const [name = '', ...rest] = node.path
    if (isContext(node.of)) {
      const { context } = partial.evaluation
      if (!partial.knowsContext(name)) return declaredAnswer(node, partial)
      const isAnswer = rest.length === 0 || !context.has(name)
      if (isAnswer) return { kind: 'literal', value: context.has(name), span: node.span }
      const field: Expression = { kind: 'attribute', of: node.of, name, span: node.span }
      return partial.residual({ ...node, of: field, path: rest })
    }
    const of = partial.residual(node.of)
    if (of.kind === 'fault') return of
    const result = { ...node, of }
    if (of.kind !== 'literal') return declaredAnswer(result, partial)
    let { value }: { value: Value | undefined } = of
    for (const name of node.path) {
      if (typeof value !== 'object') break
      if (value.kind === 'entity' && !partial.knowsEntity(value)) return result
      if (value.kind !== 'entity' && value.kind !== 'record') break
      value = fieldsOf(value, partial.evaluation)?.get(name)
    }
    return partial.evaluate(result)
  },
  typeOf: () => BOOL,
  neverErrs({ of, path, span }, prove) {
    if (!isHolder(of, prove) || !prove.neverErrs(of)) return false
    let node = of
    return path.slice(0, -1).every((name) => {
      node = { kind: 'attribute', of: node, name, span }
      return isHolder(node, prove)
    })
  },
}

/** What the schema says of a single name: always there, or never. */
function declaredAnswer(node: Has, prove: Proof): Expression {
  const { of, path, span } = node
  const [name = ''] = path
  const field = path.length === 1 && prove.neverErrs(of) ? fieldOf(of, name, prove) : undefined
  if (field === undefined) return node
  if (field === 'undeclared') return { kind: 'literal', value: false, span }
  return field.optional !== true && isThere(of, prove) ? { kind: 'literal', value: true, span } : node
}

/** True when its value, if it has one, is an entity or a record. */
function isHolder(node: Expression, prove: Proof): boolean {
  return node.kind === 'variable' || isEntity(node, prove) || hasType(node, 'Record', prove)
}

export function hasFault(node: Has): Fault {
  return typeFault('the left side of `has` is neither entity nor record', node)
}

/** `undefined` when something on the way is neither entity nor record. */
export function hasPath(holder: Value, path: readonly string[], evaluation: Evaluation): boolean | undefined {
  let value = holder
  for (const name of path) {
    if (typeof value !== 'object' || (value.kind !== 'entity' && value.kind !== 'record')) return undefined
    const next = fieldsOf(value, evaluation)?.get(name)
    if (next === undefined) return false
    value = next
  }
  return true
}

function fieldsOf(
  value: Extract<Value, { kind: 'entity' | 'record' }>,
  evaluation: Evaluation,
): ReadonlyMap<string, Value> | undefined {
  return value.kind === 'record' ? value.fields : findEntity(evaluation, value)?.attributes
}
