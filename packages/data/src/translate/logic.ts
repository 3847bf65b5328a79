// `!`, `&&`, `||` and `if`: the algebra of `truth.ts` over the parts of a node.

import type { Binary, Expression, If } from '@cardea/policy'
import { condition } from './operand.ts'
import type { Translate, Translation } from './translation.ts'
import { and, choose, not, or } from './truth.ts'
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

/** An `if` whose branches are Bools. */
export function translateIf(node: If, translation: Translation): Truth {
  const test = translation.condition(node.test)
  return choose(
    test,
    () => translation.assuming(test.proves.whenTrue).condition(node.then),
    () => translation.assuming(test.proves.whenFalse).condition(node.else),
  )
}

/** A chain `a && b && c` leans to the left: one loop, so its length costs no stack. */
function fold(node: Binary, translation: Translation, join: (left: Truth, right: Expression) => Truth): Truth {
  const rest = [node.right]
  let first = node.left
  while (first.kind === node.kind) {
    rest.push((first as Binary).right)
    first = (first as Binary).left
  }
  return rest.reduceRight(join, translation.condition(first))
}
