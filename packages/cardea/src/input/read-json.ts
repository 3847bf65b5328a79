// A JSON file. Integers beyond 2^53 stay exact: they become `bigint`.

import { CommandError } from '../errors.ts'
import { loadSource } from '../sources.ts'

/** Reads a JSON file. @throws CommandError ERR_COMMAND_FILE, ERR_COMMAND_INPUT */
export async function readJson(path: string): Promise<unknown> {
  const source = await loadSource(path)
  try {
    return JSON.parse(source.text, exactNumber)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('ERR_COMMAND_INPUT', `\`${source.file}\` is not JSON: ${reason}`, { cause })
  }
}

function exactNumber(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value
}
