// Operands that name an entity by themselves: `principal`, `action`, `resource`, and constants. They cannot err, and need no
// closure to be read.

import type { Expression } from '../syntax/tree.ts'
import type { EntityUid } from '../value/value.ts'
import type { Evaluation } from './evaluation.ts'

export function isReference(node: Expression): boolean {
  return referenceOf(node) !== undefined
}

/** How to find the entity that the operand names, if it is a reference. */
export function referenceOf(node: Expression): ((evaluation: Evaluation) => EntityUid) | undefined {
  if (node.kind === 'literal') {
    const { value } = node
    return typeof value === 'object' && value.kind === 'entity' ? () => value : undefined
  }
  if (node.kind !== 'variable') return undefined
  const { name } = node
  switch (name) {
    case 'principal':
      return ({ principal }) => principal
    case 'action':
      return ({ action }) => action
    case 'resource':
      return ({ resource }) => resource
    case 'context':
      return undefined
    default:
      return name satisfies never
  }
}
