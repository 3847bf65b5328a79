// An error as a person wants it: one clear line, a hint, no stack. A bug of ours keeps its stack, so that it can be mended. No token
// is ever shown, also not one that was given where a name was meant.

import { colors } from './colors.ts'
import { printable, printableLines, withoutTokens } from './printable.ts'

export function reportError(error: unknown): void {
  const { red, dim, cyan } = colors(process.stderr)
  const { code, hint, message, stack } = describe(error)
  if (code === undefined) {
    console.error(`${red('cardea: this is a bug of ours')}: ${printableLines(withoutTokens(stack ?? message))}`)
    return
  }
  console.error(`${red('error')} ${printable(withoutTokens(message))} ${dim(`(${code})`)}`)
  if (hint !== undefined) console.error(`${cyan('hint')}  ${printable(withoutTokens(hint))}`)
}

interface Description {
  readonly message: string
  readonly stack: string | undefined
  readonly code: string | undefined
  readonly hint: string | undefined
}

function describe(error: unknown): Description {
  if (!(error instanceof Error)) return { message: String(error), stack: undefined, code: undefined, hint: undefined }
  const code = textField(error, 'code')
  const system = code === undefined ? undefined : SYSTEM_HINTS[code]
  return {
    message: error.message,
    stack: error.stack,
    code: code?.startsWith('ERR_') || system !== undefined ? code : undefined,
    hint: textField(error, 'hint') ?? system,
  }
}

/** What an operating system's error usually means for a user of this command. */
const SYSTEM_HINTS: Readonly<Record<string, string>> = {
  EACCES: 'check the permissions of the file or folder',
  EROFS: 'the folder is read-only; choose another',
  ENOENT: 'check the path; it is relative to the current folder',
  EISDIR: 'a file is needed here, not a folder',
  ENOTDIR: 'a folder is needed here, not a file',
  EEXIST: 'something else is there already',
  ENOSPC: 'the disk is full',
}

function textField(error: Error, name: 'code' | 'hint'): string | undefined {
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'string' ? value : undefined
}
