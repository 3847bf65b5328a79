// A JSON file that the command line names.

import { CommandError } from '../errors.ts'
import { loadSource } from '../sources.ts'
import { parseJson } from './parse-json.ts'

/** Reads a JSON file; see `parseJson`. @throws CommandError ERR_COMMAND_FILE, ERR_COMMAND_INPUT */
export async function readJson(path: string): Promise<unknown> {
  const { file, text } = await loadSource(path, 'command line')
  try {
    return parseJson(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('ERR_COMMAND_INPUT', `\`${file}\` cannot be read: ${reason}`, { cause })
  }
}
