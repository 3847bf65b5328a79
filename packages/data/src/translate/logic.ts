// `!`, `&&`, `||` and `if`: the algebra of `truth.ts` over the parts of a node.

import type { Binary, Expression, If } from '@cardea/policy'
import { booleanOf } from './equality.ts'
import { condition, FAULT_OPERAND } from './operand.ts'
import type { Operand } from './operand.ts'
import type { Translate, Translation } from './translation.ts'
import { and, choose, FAULT, isAlways, isFault, isNever, not, or } from './truth.ts'
import type { Truth } from './truth.ts'

export const translateNot: Translate<'not'> = ({ operand }, translation) =>
  condition(not(translation.condition(operand)))

export const translateAnd: Translate<'and'> = (node, translation) =>
  condition(
    fold(node, translation, (left, right) =>
      and(left, () => translation.assuming(left.proves.whenTrue).condition(right)),
    ),
  )

export const translateOr: Translate<'or'> = (node, translation) =>
  condition(
    fold(node, translation, (left, right) =>
      or(left, () => translation.assuming(left.proves.whenFalse).condition(right)),
    ),
  )

/** An `if` where a Bool is wanted. */
export function conditionOfIf(node: If, translation: Translation): Truth {
  const test = translation.condition(node.test)
  return choose(
    test,
    () => translation.assuming(test.proves.whenTrue).condition(node.then),
    () => translation.assuming(test.proves.whenFalse).condition(node.else),
  )
}

/** An `if` as an operand: its branches must be certain to be Bools. */
export const translateIf: Translate<'if'> = (node, translation) => {
  const test = translation.condition(node.test)
  if (isFault(test)) return FAULT_OPERAND
  if (isAlways(test)) return translation.operand(node.then)
  if (isNever(test)) return translation.operand(node.else)
  const yes = translation.assuming(test.proves.whenTrue).operand(node.then)
  const no = translation.assuming(test.proves.whenFalse).operand(node.else)
  const yesTruth = certainBoolean(yes, translation)
  const noTruth = certainBoolean(no, translation)
  if (yesTruth === undefined || noTruth === undefined) {
    return translation.refuse(
      node,
      'ERR_DATA_UNSUPPORTED',
      'an `if` that gives a value has no query',
      'compare in each branch',
    )
  }
  return condition(
    choose(
      test,
      () => yesTruth,
      () => noTruth,
    ),
  )
}

function certainBoolean(operand: Operand, translation: Translation): Truth | undefined {
  if (operand.kind === 'fault') return FAULT
  return operand.kind === 'known' && operand.value === undefined ? undefined : booleanOf(operand, translation)
}

/** A chain `a && b && c` leans to the left: one loop, so its length costs no stack. */
function fold(node: Binary, translation: Translation, join: (left: Truth, right: Expression) => Truth): Truth {
  const rest = [node.right]
  let first = node.left
  while (first.kind === node.kind) {
    rest.push(first.right)
    first = first.left
  }
  return rest.reduceRight(join, translation.condition(first))
}
