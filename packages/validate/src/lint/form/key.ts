// A canonical text for an expression: nodes with the same key have the same value, or err, in every request. Places do not count.

import { type Expression, valueKey } from '@cardea/policy'

const keys = new WeakMap<Expression, string>()

/** The key of an expression in canonical form. Costs a walk the first time. */
export function keyOf(node: Expression): string {
  let key = keys.get(node)
  if (key === undefined) keys.set(node, (key = makeKey(node)))
  return key
}

function makeKey(node: Expression): string {
  switch (node.kind) {
    case 'literal':
      return `=${valueKey(node.value)}`
    case 'variable':
      return node.name
    case 'not':
    case 'negate':
    case 'isEmpty':
      return `${node.kind}(${keyOf(node.operand)})`
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
      return `${node.kind}(${keyOf(node.left)},${keyOf(node.right)})`
    case 'if':
      return `if(${keyOf(node.test)},${keyOf(node.then)},${keyOf(node.else)})`
    case 'attribute':
      return `${keyOf(node.of)}.${JSON.stringify(node.name)}`
    case 'has':
      return `has(${keyOf(node.of)},${JSON.stringify(node.path)})`
    case 'like':
      return `like(${keyOf(node.of)},${JSON.stringify(node.pattern)})`
    case 'is':
      return `is(${keyOf(node.of)},${node.type}${node.in === undefined ? '' : `,${keyOf(node.in)}`})`
    case 'set':
      return `[${node.elements.map(keyOf).join()}]`
    case 'record':
      return `{${[...node.fields].map(([name, field]) => `${JSON.stringify(name)}:${keyOf(field)}`).join()}}`
    case 'call':
      return `${node.function}(${node.arguments.map(keyOf).join()})`
    case 'fault':
      return `fault(${node.code})`
    default:
      return node satisfies never
  }
}
