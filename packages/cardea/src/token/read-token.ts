// The text of a token, from the command line, a file (`@path`) or standard input. What surrounds tokens where people copy them from (a
// line end, the name of the scheme) is taken off. No error repeats it.

import { createReadStream } from 'node:fs'
import { CommandError } from '../errors.ts'

/** More than any token that could be read; a file or a pipe beyond it is not read to its end. */
const MAX_BYTES = 131_072

/** @throws CommandError ERR_COMMAND_FILE, ERR_COMMAND_USAGE */
export async function readToken(argument: string | undefined, input: NodeJS.ReadStream): Promise<string> {
  if (argument === undefined || argument === '-') {
    if (argument === undefined && input.isTTY) {
      throw new CommandError('ERR_COMMAND_USAGE', 'no token was given', {
        hint: 'cardea token inspect @FILE, or `-` and the token on standard input',
      })
    }
    return bare(await readBounded(input))
  }
  return bare(argument.startsWith('@') ? await readTokenFile(argument.slice(1)) : argument)
}

async function readTokenFile(path: string): Promise<string> {
  try {
    return await readBounded(createReadStream(path, { end: MAX_BYTES }))
  } catch (cause) {
    const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${String(code)})`
    throw new CommandError('ERR_COMMAND_FILE', `\`${path}\` ${reason}`, {
      hint: 'the path is relative to the current folder',
      cause,
    })
  }
}

async function readBounded(input: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of input) {
    // a token is ASCII; other bytes are refused later, whatever they become here
    text += Buffer.isBuffer(chunk) ? chunk.toString('latin1') : String(chunk)
    if (text.length > MAX_BYTES) break
  }
  return text.slice(0, MAX_BYTES)
}

/** `Authorization: Bearer TOKEN` as well as `TOKEN`. */
function bare(text: string): string {
  return text.trim().replace(/^(?:authorization: *)?(?:bearer|dpop) +/i, '')
}
