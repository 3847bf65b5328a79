// JSON text. Integers beyond 2^53 stay exact: they become `bigint`. What is wrong is said by its place alone, because the engine's own
// message quotes the text, and the text may hold a secret.

import { positionOf } from '@cardea/policy'
import { CommandError } from '../errors.ts'

/** @throws CommandError ERR_COMMAND_INPUT */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, exactNumber)
  } catch {
    const { line, column } = positionOf(text, errorOffset(text))
    throw new CommandError('ERR_COMMAND_INPUT', `it is not JSON (line ${line}, column ${column})`)
  }
}

function exactNumber(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value
}

/**
 * Where a text that is no JSON stops being the beginning of one. The engine says it of most errors. Of an unexpected token it does not:
 * then it is the end of the shortest beginning that has the same error.
 */
function errorOffset(text: string): number {
  const said = /at position (\d+)/.exec(errorOf(text))?.[1]
  if (said !== undefined) return Number(said)
  if (!isUnexpectedToken(text)) return text.length
  let good = 0
  let bad = text.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (isUnexpectedToken(text.slice(0, middle))) bad = middle
    else good = middle
  }
  return good
}

function isUnexpectedToken(text: string): boolean {
  return errorOf(text).startsWith('Unexpected token')
}

function errorOf(text: string): string {
  try {
    JSON.parse(text)
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}
