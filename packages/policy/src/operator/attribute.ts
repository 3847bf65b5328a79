// `x.name`: an attribute of an entity or a field of a record. An entity that is not there and an attribute that is absent are
// errors.

import type { Entity } from '../entity/entities.ts'
import type { Attribute, Expression } from '../syntax/tree.ts'
import { fieldSite, readField } from '../value/fields.ts'
import { internName } from '../value/intern.ts'
import type { Evaluation } from './evaluation.ts'
import { findEntity } from './evaluation.ts'
import type { Operator } from './operator.ts'
import { fieldOf, isThere } from './prove.ts'
import { attributeFaults, readAttribute, requestAttribute } from './request-attribute.ts'

export const attributeOperator: Operator<Attribute> = {
  compile(node, compile) {
    const { of } = node
    const near = requestAttribute(node)
    if (near !== undefined) return (evaluation) => readAttribute(near, evaluation)
    const { absent, missing, type } = attributeFaults(node)
    const site = fieldSite(internName(node.name))
    const holder = compile(of)
    return (evaluation) => {
      const value = holder(evaluation)
      if (typeof value !== 'object') return type
      if (value.kind === 'record') return readField(site, value.fields) ?? absent
      if (value.kind === 'fault') return value
      if (value.kind !== 'entity') return type
      const found = findEntity(evaluation, value)
      return found === undefined ? missing : (readField(site, found.attributes) ?? absent)
    }
  },
  residual(node, partial) {
    if (isContext(node.of)) return partial.knowsContext(node.name) ? partial.evaluate(node) : node
    const of = partial.residual(node.of)
    if (of.kind === 'fault') return of
    const result = { ...node, of }
    if (of.kind !== 'literal') return result
    const { value } = of
    const unknown = typeof value === 'object' && value.kind === 'entity' && !partial.knowsEntity(value)
    return unknown ? result : partial.evaluate(result)
  },
  typeOf({ of, name }, prove) {
    const field = fieldOf(of, name, prove)
    return field === 'undeclared' ? undefined : field
  },
  neverErrs({ of, name }, prove) {
    if (prove.isPresent(of, name)) return true
    const field = fieldOf(of, name, prove)
    return field !== undefined && field !== 'undeclared' && field.optional !== true && isThere(of, prove)
  },
}

export function isContext(node: Expression): boolean {
  return node.kind === 'variable' && node.name === 'context'
}

/** How to read the entity of `principal` or `resource`, which was found when the evaluation began. */
export function entityReader(node: Expression): ((evaluation: Evaluation) => Entity | undefined) | undefined {
  if (node.kind !== 'variable') return undefined
  if (node.name === 'principal') return ({ principalEntity }) => principalEntity
  return node.name === 'resource' ? ({ resourceEntity }) => resourceEntity : undefined
}
