// Arithmetic, tags and extension functions: on what the request holds they are constants; on columns they are refused.
// SQLite turns an overflowing integer into a float where Cedar errs, and has no network ranges, decimals or Cedar dates.

import type { Binary, ExtensionFunction, Unary } from '@cardea/policy'
import { FAULT_OPERAND } from './operand.ts'
import type { Operand } from './operand.ts'
import { constantPart } from './reading.ts'
import type { Translate, Translation } from './translation.ts'

export const translateNegate: Translate<'negate'> = (node, translation) =>
  calculation([node.operand], node, translation)
export const translateAdd: Translate<'add'> = (node, translation) => binary(node, translation)
export const translateSubtract: Translate<'subtract'> = (node, translation) => binary(node, translation)
export const translateMultiply: Translate<'multiply'> = (node, translation) => binary(node, translation)

export const translateTag: Translate<'getTag' | 'hasTag'> = (node, translation) => {
  const left = translation.operand(node.left)
  const right = translation.operand(node.right)
  if (left.kind === 'fault' || right.kind === 'fault') return FAULT_OPERAND
  if (left.kind === 'known' && right.kind === 'known') return constantPart(node, translation)
  return translation.refuse(
    node,
    'ERR_DATA_UNSUPPORTED',
    'the tags of an entity are not in its row',
    'map an attribute',
  )
}

/** Why a function has no query over a column. */
const REFUSED = {
  ip: 'a text of the row would have to be parsed',
  decimal: 'a text of the row would have to be parsed',
  datetime: 'a text of the row would have to be parsed',
  duration: 'a text of the row would have to be parsed',
  isIpv4: 'SQLite has no addresses',
  isIpv6: 'SQLite has no addresses',
  isLoopback: 'SQLite has no addresses',
  isMulticast: 'SQLite has no addresses',
  isInRange: 'SQLite has no addresses',
  lessThan: 'SQLite has no exact decimals',
  lessThanOrEqual: 'SQLite has no exact decimals',
  greaterThan: 'SQLite has no exact decimals',
  greaterThanOrEqual: 'SQLite has no exact decimals',
  offset: 'SQLite overflows in another way than Cedar',
  durationSince: 'SQLite overflows in another way than Cedar',
  toDate: 'SQLite rounds dates in another way than Cedar',
  toTime: 'SQLite rounds dates in another way than Cedar',
  toMilliseconds: 'SQLite has no durations',
  toSeconds: 'SQLite has no durations',
  toMinutes: 'SQLite has no durations',
  toHours: 'SQLite has no durations',
  toDays: 'SQLite has no durations',
} as const satisfies { readonly [F in ExtensionFunction]: string }

export const translateCall: Translate<'call'> = (node, translation) => {
  const operands = node.arguments.map((argument) => translation.operand(argument))
  if (operands.some(({ kind }) => kind === 'fault')) return FAULT_OPERAND
  if (operands.every(({ kind }) => kind === 'known')) return constantPart(node, translation)
  return translation.refuse(
    node,
    'ERR_DATA_EXTENSION',
    `\`${node.function}\` of an attribute of the row has no exact query: ${REFUSED[node.function]}`,
    'give the row a Bool or a Long that says it',
  )
}

function binary(node: Binary, translation: Translation): Operand {
  return calculation([node.left, node.right], node, translation)
}

function calculation(parts: readonly Binary['left'][], node: Binary | Unary, translation: Translation): Operand {
  const operands = parts.map((part) => translation.operand(part))
  if (operands.some(({ kind }) => kind === 'fault')) return FAULT_OPERAND
  if (operands.every(({ kind }) => kind === 'known')) return constantPart(node, translation)
  return translation.refuse(
    node,
    'ERR_DATA_ARITHMETIC',
    'a calculation with an attribute of the row has no exact query',
    'compare the attribute itself with a calculated constant',
  )
}
