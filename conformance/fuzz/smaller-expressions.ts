// Smaller expressions in place of one: a constant, one of its own parts, or itself with a smaller part.

import { childrenOf, type Expression, type Span } from '@cardea/policy'
import { withPart } from './with-part.ts'

/** From the smallest to the nearly same. */
export function* smallerExpressions(node: Expression): Generator<Expression> {
  if (node.kind === 'literal' && typeof node.value !== 'string') return
  yield literal(true, node.span)
  yield literal(false, node.span)
  const parts = childrenOf(node)
  for (const part of parts) yield part
  if (node.kind === 'set') {
    for (const index of node.elements.keys()) yield { ...node, elements: node.elements.toSpliced(index, 1) }
  }
  if (node.kind === 'record') {
    for (const name of node.fields.keys()) {
      yield { ...node, fields: new Map([...node.fields].filter(([other]) => other !== name)) }
    }
  }
  if (node.kind === 'has' && node.path.length > 1) yield { ...node, path: node.path.slice(0, -1) }
  if (node.kind === 'is' && node.in !== undefined) yield { kind: 'is', of: node.of, type: node.type, span: node.span }
  for (const [index, part] of parts.entries()) {
    for (const smaller of smallerExpressions(part)) yield withPart(node, index, smaller)
  }
}

function literal(value: boolean, span: Span): Expression {
  return { kind: 'literal', value, span }
}
