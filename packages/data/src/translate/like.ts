// `like`: a String and a pattern in which `*` is the only wildcard.

import { condition, FAULT_OPERAND, testOf, UNDECIDED } from './operand.ts'
import { constantPart } from './reading.ts'
import type { Translate } from './translation.ts'

export const translateLike: Translate<'like'> = (node, translation) => {
  const of = translation.operand(node.of)
  if (of.kind === 'known') return constantPart(node, translation)
  if (of.kind !== 'column' || of.type.type !== 'String') return FAULT_OPERAND
  const pair = translation.dialect.textIsLike(of.column, node.pattern)
  if (pair !== undefined) return condition(testOf(pair, of))
  translation.refuse(
    node,
    'ERR_DATA_PATTERN',
    'the pattern has too many parts between its wildcards for an exact query',
  )
  return condition(UNDECIDED)
}
