// The parts of a node, in the order in which they are evaluated.

import type { Expression } from '../syntax/tree.ts'

export function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'literal':
    case 'variable':
    case 'fault':
      return []
    case 'not':
    case 'negate':
    case 'isEmpty':
      return [node.operand]
    case 'and':
    case 'or':
    case 'equal':
    case 'notEqual':
    case 'less':
    case 'lessEqual':
    case 'greater':
    case 'greaterEqual':
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'in':
    case 'contains':
    case 'containsAll':
    case 'containsAny':
    case 'getTag':
    case 'hasTag':
      return [node.left, node.right]
    case 'if':
      return [node.test, node.then, node.else]
    case 'attribute':
    case 'has':
    case 'like':
      return [node.of]
    case 'is':
      return node.in === undefined ? [node.of] : [node.of, node.in]
    case 'set':
      return node.elements
    case 'record':
      return [...node.fields.values()]
    case 'call':
      return node.arguments
    default:
      return node satisfies never
  }
}
