// An error as a person wants it: one clear line, a hint, no stack. A bug of ours keeps its stack, so that it can be mended.

import { colors } from './colors.ts'

export function reportError(error: unknown): void {
  const { red, dim, cyan } = colors(process.stderr)
  const { code, hint, message, stack } = describe(error)
  if (code === undefined) {
    console.error(`${red('cardea: this is a bug of ours')}: ${stack ?? message}`)
    return
  }
  console.error(`${red('error')} ${message} ${dim(`(${code})`)}`)
  if (hint !== undefined) console.error(`${cyan('hint')}  ${hint}`)
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
  EADDRINUSE: 'another process listens there; choose another with --port',
  EACCES: 'check the permissions of the file or folder, or choose a port above 1023',
  EROFS: 'the folder is read-only; choose another',
  ENOENT: 'check the path; it is relative to the current folder',
  EISDIR: 'a file is needed here, not a folder',
  ENOSPC: 'the disk is full',
}

function textField(error: Error, name: 'code' | 'hint'): string | undefined {
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'string' ? value : undefined
}
