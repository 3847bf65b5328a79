// Attributes of the principal, the resource and the context: what conditions mostly read. Operators of which all operands are such
// attributes read them in place: a closure that calls no other is a third faster.

import type { Attribute, Expression, Fault } from '../syntax/tree.ts'
import { fieldSite, readField } from '../value/fields.ts'
import type { FieldSite } from '../value/fields.ts'
import { internName } from '../value/intern.ts'
import type { Evaluation } from './evaluation.ts'
import { makeFault, typeFault } from './fault.ts'
import type { Result } from './fault.ts'

/** Where the attribute is, and what is said where it is not. */
export interface RequestAttribute extends FieldSite {
  readonly isOfContext: boolean
  readonly isOfPrincipal: boolean
  readonly absent: Fault
  readonly missing: Fault
}

/** `undefined` for any other expression. */
export function requestAttribute(node: Expression): RequestAttribute | undefined {
  if (node.kind !== 'attribute' || node.of.kind !== 'variable' || node.of.name === 'action') return undefined
  const { absent, missing } = attributeFaults(node)
  return {
    ...fieldSite(internName(node.name)),
    isOfContext: node.of.name === 'context',
    isOfPrincipal: node.of.name === 'principal',
    absent,
    missing,
  }
}

export function readAttribute(attribute: RequestAttribute, evaluation: Evaluation): Result {
  if (attribute.isOfContext) return readField(attribute, evaluation.context) ?? attribute.absent
  const entity = attribute.isOfPrincipal ? evaluation.principalEntity : evaluation.resourceEntity
  return entity === undefined ? attribute.missing : (readField(attribute, entity.attributes) ?? attribute.absent)
}

export function attributeFaults(node: Attribute): { absent: Fault; missing: Fault; type: Fault } {
  const read = `attribute \`${node.name}\` was read of`
  return {
    absent: makeFault('ERR_POLICY_EVALUATION_ATTRIBUTE', `attribute \`${node.name}\` is absent`, node),
    missing: makeFault('ERR_POLICY_EVALUATION_ENTITY', `${read} an entity that is not there`, node),
    type: typeFault(`${read} what is neither entity nor record`, node),
  }
}
