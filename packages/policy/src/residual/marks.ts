// What a residual says beside each node of its conditions: the type of its value, and whether it can err.

import type { Clock } from '../operator/clock.ts'
import type { PartialEvaluation, Proof } from '../operator/operator.ts'
import type { TypeDefinition } from '../schema/definition.ts'
import type { Expression } from '../syntax/tree.ts'

export interface Marks {
  /** The type of its value, if it has one; `undefined` when the schema and the request do not tell. */
  readonly valueType: TypeDefinition | undefined
  /** False only if it is proven that it never errs, where it is evaluated at all. */
  readonly canErr: boolean
}

/** An expression with marks on every node. */
export type MarkedExpression = Marked<Expression>

type Marked<Node> = Node extends Expression ? { readonly [Key in keyof Node]: MarkedPart<Node[Key]> } & Marks : never
type MarkedPart<Part> = Part extends Expression
  ? MarkedExpression
  : Part extends readonly Expression[]
    ? readonly MarkedExpression[]
    : Part extends ReadonlyMap<string, Expression>
      ? ReadonlyMap<string, MarkedExpression>
      : Part

/** Marks a condition. `clock` is told of every part that is kept. */
export function markExpression(
  root: Expression,
  partial: PartialEvaluation,
  clock: Clock | undefined,
): MarkedExpression {
  return mark(root, partial)

  function mark(node: Expression, prove: Proof): MarkedExpression {
    clock?.keep(node)
    const valueType = node.kind === 'fault' ? undefined : partial.declaredType(node)
    const marks: Marks = { valueType, canErr: !prove.neverErrs(node) }
    const part = (child: Expression): MarkedExpression => mark(child, prove)
    switch (node.kind) {
      case 'literal':
      case 'variable':
      case 'fault':
        return { ...node, ...marks }
      case 'not':
      case 'negate':
      case 'isEmpty':
        return { ...node, ...marks, operand: part(node.operand) }
      case 'and':
      case 'or': {
        const right = mark(node.right, prove.assuming(node.left, node.kind === 'and'))
        return { ...node, ...marks, left: part(node.left), right }
      }
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
        return { ...node, ...marks, left: part(node.left), right: part(node.right) }
      case 'if':
        return {
          ...node,
          ...marks,
          test: part(node.test),
          then: mark(node.then, prove.assuming(node.test, true)),
          else: mark(node.else, prove.assuming(node.test, false)),
        }
      case 'attribute':
      case 'has':
      case 'like':
        return { ...node, ...marks, of: part(node.of) }
      case 'is': {
        const { in: within, ...is } = node
        const of = part(node.of)
        return within === undefined ? { ...is, ...marks, of } : { ...is, ...marks, of, in: part(within) }
      }
      case 'set':
        return { ...node, ...marks, elements: node.elements.map(part) }
      case 'record':
        return { ...node, ...marks, fields: new Map([...node.fields].map(([name, field]) => [name, part(field)])) }
      case 'call':
        return { ...node, ...marks, arguments: node.arguments.map(part) }
      default:
        return node satisfies never
    }
  }
}
