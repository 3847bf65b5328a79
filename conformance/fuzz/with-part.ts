// An expression with one of its parts replaced.

import type { Expression } from '@cardea/policy'

/** The node with the part of this place, as `childrenOf` counts, replaced. */
export function withPart(node: Expression, index: number, part: Expression): Expression {
  switch (node.kind) {
    case 'literal':
    case 'variable':
    case 'fault':
      return node
    case 'not':
    case 'negate':
    case 'isEmpty':
      return { ...node, operand: part }
    case 'if':
      return { ...node, [(['test', 'then', 'else'] as const)[index] ?? 'test']: part }
    case 'attribute':
    case 'has':
    case 'like':
      return { ...node, of: part }
    case 'is':
      return index === 0 ? { ...node, of: part } : { ...node, in: part }
    case 'set':
      return { ...node, elements: node.elements.with(index, part) }
    case 'record':
      return {
        ...node,
        fields: new Map([...node.fields].map(([name, field], at) => [name, at === index ? part : field])),
      }
    case 'call':
      return { ...node, arguments: node.arguments.with(index, part) }
    default:
      return index === 0 ? { ...node, left: part } : { ...node, right: part }
  }
}
