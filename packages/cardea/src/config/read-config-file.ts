// A configuration file as a value: TypeScript and JavaScript are imported, JSON is read. What is wrong is said with its place and
// without what stands there: somebody may have written a secret into the file.

import { readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { CommandError } from '../errors.ts'
import { parseJson } from '../input/parse-json.ts'

/** @throws CommandError ERR_COMMAND_CONFIG */
export async function readConfigFile(file: string): Promise<unknown> {
  try {
    return file.endsWith('.json') ? parseJson(await readFile(file, 'utf8')) : await importDefault(file)
  } catch (cause) {
    const { reason, hint } = explain(cause)
    throw new CommandError('ERR_COMMAND_CONFIG', `the configuration file \`${file}\` cannot be loaded: ${reason}`, {
      ...(hint === undefined ? {} : { hint }),
      cause,
    })
  }
}

async function importDefault(file: string): Promise<unknown> {
  const exported: object = await import(pathToFileURL(file).href)
  return Reflect.get(exported, 'default')
}

function explain(cause: unknown): { readonly reason: string; readonly hint?: string } {
  if (!(cause instanceof Error)) return { reason: 'it throws something that is no error' }
  const reason = cause.message.split('\n')[0] ?? ''
  if (/Cannot find package 'cardea'/.test(reason)) {
    return { reason: 'the package `cardea` is not installed there', hint: 'run `npm install cardea`' }
  }
  const place = cause instanceof SyntaxError ? placeOf(cause) : undefined
  return place === undefined ? { reason } : { reason, hint: `look at ${place}` }
}

/** Node says where a syntax error of TypeScript is in the first line of the stack only. */
function placeOf(error: Error): string | undefined {
  const [, where, line] = /^(\S.*):(\d+)$/.exec(error.stack?.split('\n')[0] ?? '') ?? []
  if (where === undefined) return undefined
  return `${where.startsWith('file://') ? fileURLToPath(where) : where}:${line}`
}
