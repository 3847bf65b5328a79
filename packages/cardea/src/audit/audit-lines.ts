// The lines of an export, one after the other. One that does not read is handed on as nothing, for the report to name.

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { parseStrictJson } from '@cardea/token'
import { CommandError } from '../errors.ts'

/** @throws CommandError ERR_COMMAND_FILE */
export async function* fileLines(path: string): AsyncGenerator {
  const file = createReadStream(path)
  const opened = Promise.withResolvers<void>()
  file.once('open', () => opened.resolve())
  file.once('error', (cause: unknown) => opened.reject(cause))
  await opened.promise.catch((cause: unknown) => {
    throw new CommandError('ERR_COMMAND_FILE', `\`${path}\` cannot be read`, { cause })
  })
  yield* jsonLines(file)
}

export async function* jsonLines(bytes: Readable): AsyncGenerator {
  for await (const line of createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line !== '') yield lineOf(line)
  }
}

function lineOf(text: string): unknown {
  try {
    return parseStrictJson(text)
  } catch {
    return undefined
  }
}
