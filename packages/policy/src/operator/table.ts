// Every operator by the kind of its node, and the ways into them. The compiler proves the table total.

import type { Expression, ExpressionKind } from '../syntax/tree.ts'
import { addOperator } from './add.ts'
import { andOperator } from './and.ts'
import { attributeOperator } from './attribute.ts'
import { callOperator } from './call.ts'
import { containsAllOperator } from './contains-all.ts'
import { containsAnyOperator } from './contains-any.ts'
import { containsOperator } from './contains.ts'
import { equalOperator } from './equal.ts'
import { faultOperator } from './fault-node.ts'
import { getTagOperator } from './get-tag.ts'
import { greaterEqualOperator } from './greater-equal.ts'
import { greaterOperator } from './greater.ts'
import { hasTagOperator } from './has-tag.ts'
import { hasOperator } from './has.ts'
import { ifOperator } from './if.ts'
import { inOperator } from './in.ts'
import { isEmptyOperator } from './is-empty.ts'
import { isOperator } from './is.ts'
import { lessEqualOperator } from './less-equal.ts'
import { lessOperator } from './less.ts'
import { likeOperator } from './like.ts'
import { literalOperator } from './literal.ts'
import { multiplyOperator } from './multiply.ts'
import { negateOperator } from './negate.ts'
import { notEqualOperator } from './not-equal.ts'
import { notOperator } from './not.ts'
import type { Declarations, Evaluate, NodeOf, Operator, PartialEvaluation, Proof } from './operator.ts'
import { orOperator } from './or.ts'
import { createProof } from './prove.ts'
import { recordOperator } from './record.ts'
import { setOperator } from './set.ts'
import { subtractOperator } from './subtract.ts'
import { variableOperator } from './variable.ts'

const operators = {
  literal: literalOperator,
  variable: variableOperator,
  not: notOperator,
  negate: negateOperator,
  isEmpty: isEmptyOperator,
  and: andOperator,
  or: orOperator,
  equal: equalOperator,
  notEqual: notEqualOperator,
  less: lessOperator,
  lessEqual: lessEqualOperator,
  greater: greaterOperator,
  greaterEqual: greaterEqualOperator,
  add: addOperator,
  subtract: subtractOperator,
  multiply: multiplyOperator,
  in: inOperator,
  contains: containsOperator,
  containsAll: containsAllOperator,
  containsAny: containsAnyOperator,
  getTag: getTagOperator,
  hasTag: hasTagOperator,
  if: ifOperator,
  attribute: attributeOperator,
  has: hasOperator,
  like: likeOperator,
  is: isOperator,
  set: setOperator,
  record: recordOperator,
  call: callOperator,
  fault: faultOperator,
} satisfies { readonly [Kind in ExpressionKind]: Operator<NodeOf<Kind>> }

/** Compiles an expression to a closure. */
export function compileExpression(node: Expression): Evaluate {
  return operatorOf(node).compile(node, compileExpression)
}

/** What is left of an expression; `partial` says what is known. */
export function residualExpression(node: Expression, partial: PartialEvaluation): Expression {
  return operatorOf(node).residual(node, partial)
}

/** An expression whose value is `wanted` exactly where the given one's is. */
export function focusExpression(node: Expression, wanted: boolean): Expression {
  return operatorOf(node).focus?.(node, wanted, focusExpression) ?? node
}

/** What holds of expressions for every request that fits what is declared. */
export function proofOf(declared: Declarations): Proof {
  return createProof(
    {
      typeOf: (node, proof) => operatorOf(node).typeOf(node, proof),
      neverErrs: (node, proof) => operatorOf(node).neverErrs(node, proof),
    },
    declared,
  )
}

/** A look-up by a node's own kind finds the operator that takes that node: the table above was checked entry by entry. */
const byKind: { readonly [Kind in ExpressionKind]: Operator<Expression> } = operators

function operatorOf(node: Expression): Operator<Expression> {
  return byKind[node.kind]
}
