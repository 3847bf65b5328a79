// How each kind of node becomes code. The compiler proves the table total.

import { addOperator } from '../operator/add.ts'
import { containsAllOperator } from '../operator/contains-all.ts'
import { containsAnyOperator } from '../operator/contains-any.ts'
import { containsOperator } from '../operator/contains.ts'
import { getTagOperator } from '../operator/get-tag.ts'
import { greaterEqualOperator } from '../operator/greater-equal.ts'
import { greaterOperator } from '../operator/greater.ts'
import { hasTagOperator } from '../operator/has-tag.ts'
import { isEmptyOperator } from '../operator/is-empty.ts'
import { lessEqualOperator } from '../operator/less-equal.ts'
import { lessOperator } from '../operator/less.ts'
import { multiplyOperator } from '../operator/multiply.ts'
import { negateOperator } from '../operator/negate.ts'
import type { NodeOf } from '../operator/operator.ts'
import { subtractOperator } from '../operator/subtract.ts'
import type { Expression, ExpressionKind } from '../syntax/tree.ts'
import { emitBinary, emitCall, emitLike, emitRecord, emitSet, emitUnary } from './applying.ts'
import { emitEquality, emitIn, emitIs, emitOrder } from './comparing.ts'
import { valueOperand } from './emitter.ts'
import type { Emit, Emitter, Operand } from './emitter.ts'
import { emitIf, emitLogic, emitNot } from './logic.ts'
import { emitAttribute, emitHas, emitTag, emitVariable } from './reading.ts'

/** As a method, which is looked up by the kind of the node that it takes. */
type EmitNode<Node extends Expression> = { emit(node: Node, emitter: Emitter, emit: Emit): Operand }['emit']

const table = {
  literal: ({ value }, emitter) => valueOperand(value, emitter),
  variable: emitVariable,
  not: emitNot,
  negate: emitUnary(negateOperator, 'Long'),
  isEmpty: emitUnary(isEmptyOperator, 'Bool'),
  and: emitLogic(false),
  or: emitLogic(true),
  equal: emitEquality(true),
  notEqual: emitEquality(false),
  less: emitOrder('<', lessOperator),
  lessEqual: emitOrder('<=', lessEqualOperator),
  greater: emitOrder('>', greaterOperator),
  greaterEqual: emitOrder('>=', greaterEqualOperator),
  add: emitBinary(addOperator, 'Long'),
  subtract: emitBinary(subtractOperator, 'Long'),
  multiply: emitBinary(multiplyOperator, 'Long'),
  in: emitIn,
  contains: emitBinary(containsOperator, 'Bool'),
  containsAll: emitBinary(containsAllOperator, 'Bool'),
  containsAny: emitBinary(containsAnyOperator, 'Bool'),
  getTag: emitTag(getTagOperator, false),
  hasTag: emitTag(hasTagOperator, true),
  if: emitIf,
  attribute: emitAttribute,
  has: emitHas,
  like: emitLike,
  is: emitIs,
  set: emitSet,
  record: emitRecord,
  call: emitCall,
  fault(node, emitter) {
    emitter.line(emitter.fail(node))
    return { code: 'false', known: 'Bool' }
  },
} satisfies { readonly [Kind in ExpressionKind]: EmitNode<NodeOf<Kind>> }

/** A look-up by a node's own kind finds the entry that takes that node: the table above was checked entry by entry. */
const byKind: { readonly [Kind in ExpressionKind]: EmitNode<Expression> } = table

export function emitExpression(node: Expression, emitter: Emitter): Operand {
  return byKind[node.kind](node, emitter, (part) => emitExpression(part, emitter))
}
