// Reads the schema and the policies that the configuration names, as `{ file, text }` with short file names for messages.

import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { policyDigest } from '@cardea/policy'
import { CommandError } from './errors.ts'

export interface SourceFile {
  readonly file: string
  readonly text: string
}

export interface Sources {
  readonly schema: SourceFile
  /** Sorted by file name. */
  readonly policies: readonly SourceFile[]
}

/** Who said the path of a file: that is what it is relative to. */
type NamedBy = keyof typeof HINTS

const HINTS = {
  configuration: 'paths are relative to the configuration file; see `cardea config`',
  'command line': 'the path is relative to the current folder',
} as const

/** Reads everything. @throws CommandError ERR_COMMAND_FILE */
export async function loadSources(config: { readonly schema: string; readonly policies: string }): Promise<Sources> {
  const schema = await loadSource(config.schema)
  const files = await policyFiles(config.policies)
  if (files.length === 0) {
    throw new CommandError('ERR_COMMAND_FILE', `there is no \`*.cedar\` file in \`${shortName(config.policies)}\``, {
      hint: 'set `policies` in cardea.config.ts, or run `cardea init` in an empty folder',
    })
  }
  return { schema, policies: await Promise.all(files.map((file) => loadSource(file))) }
}

/** The sources as they travel: files by their name in the policy folder, wherever this folder stands. */
export function portable({ schema, policies }: Sources): Sources {
  const named = ({ file, text }: SourceFile): SourceFile => ({ file: basename(file), text })
  return { schema: named(schema), policies: policies.map(named) }
}

/** The digest that a guard compares with its own policy folder. */
export function digestOf(sources: Sources): Promise<string> {
  const { schema, policies } = portable(sources)
  return policyDigest(policies, schema.text)
}

/** Reads one text file. @throws CommandError ERR_COMMAND_FILE */
export async function loadSource(path: string, namedBy: NamedBy = 'configuration'): Promise<SourceFile> {
  try {
    return { file: shortName(path), text: await readFile(path, 'utf8') }
  } catch (cause) {
    throw unreadable(path, cause, namedBy)
  }
}

/** As messages name a file: from the current folder, if it is in there. */
export function shortName(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') ? path : short
}

async function policyFiles(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const entries = await readdir(path)
    return entries
      .filter((name) => name.endsWith('.cedar'))
      .sort()
      .map((name) => join(path, name))
  } catch (cause) {
    throw unreadable(path, cause, 'configuration')
  }
}

function unreadable(path: string, cause: unknown, namedBy: NamedBy): CommandError {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined
  const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${String(code)})`
  return new CommandError('ERR_COMMAND_FILE', `\`${shortName(path)}\` ${reason}`, {
    hint: HINTS[namedBy],
    cause,
  })
}
