// Every operator's translation in one table, which the compiler proves total.

import type { Expression, ExpressionKind, NodeOf } from '@cardea/policy'
import {
  translateAdd,
  translateCall,
  translateMultiply,
  translateNegate,
  translateSubtract,
  translateTag,
} from './calculation.ts'
import { booleanOf, translateEqual, translateNotEqual } from './equality.ts'
import { translateLike } from './like.ts'
import { translateContains, translateContainsAll, translateContainsAny, translateIsEmpty } from './lists.ts'
import { conditionOfIf, translateAnd, translateIf, translateNot, translateOr } from './logic.ts'
import { translateIn } from './membership.ts'
import type { Operand } from './operand.ts'
import { translateGreater, translateGreaterEqual, translateLess, translateLessEqual } from './order.ts'
import {
  translateAttribute,
  translateFault,
  translateHas,
  translateIs,
  translateLiteral,
  translateRecord,
  translateSet,
  translateVariable,
} from './reading.ts'
import type { Translate, Translation } from './translation.ts'
import { FAULT } from './truth.ts'
import type { Truth } from './truth.ts'

const OPERATORS: { readonly [K in ExpressionKind]: Translate<K> } = {
  literal: translateLiteral,
  variable: translateVariable,
  fault: translateFault,
  not: translateNot,
  negate: translateNegate,
  isEmpty: translateIsEmpty,
  and: translateAnd,
  or: translateOr,
  equal: translateEqual,
  notEqual: translateNotEqual,
  less: translateLess,
  lessEqual: translateLessEqual,
  greater: translateGreater,
  greaterEqual: translateGreaterEqual,
  add: translateAdd,
  subtract: translateSubtract,
  multiply: translateMultiply,
  in: translateIn,
  contains: translateContains,
  containsAll: translateContainsAll,
  containsAny: translateContainsAny,
  getTag: translateTag,
  hasTag: translateTag,
  if: translateIf,
  attribute: translateAttribute,
  has: translateHas,
  like: translateLike,
  is: translateIs,
  set: translateSet,
  record: translateRecord,
  call: translateCall,
}

/** Any expression. */
export function translateOperand(node: Expression, translation: Translation): Operand {
  return translateKind(node.kind, node, translation)
}

/** An expression where Cedar wants a Bool: anything else errs. */
export function translateCondition(node: Expression, translation: Translation): Truth {
  if (node.kind === 'if') return conditionOfIf(node, translation)
  return booleanOf(translateOperand(node, translation), translation) ?? FAULT
}

/** Generic in the kind, so that the compiler sees that entry and node belong together. */
function translateKind<K extends ExpressionKind>(kind: K, node: NodeOf<K>, translation: Translation): Operand {
  const translate: Translate<K> = OPERATORS[kind]
  return translate(node, translation)
}
