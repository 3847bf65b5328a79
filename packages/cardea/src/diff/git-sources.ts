// The policies as a git revision has them. Git is asked by its plumbing commands, without a shell; nothing is checked out, and no filter or
// hook of the repository runs.

import { execFile } from 'node:child_process'
import { basename, relative, sep } from 'node:path'
import { CommandError } from '../errors.ts'
import type { SourceFile, Sources } from '../sources.ts'

export interface GitPlace {
  /** Where the project is: a folder of the repository. */
  readonly folder: string
  /** As the user named it. */
  readonly revision: string
  /** Absolute paths of today; the revision is asked for the same. */
  readonly schema: string
  readonly policies: string
}

/** The commit that the text names; `undefined` when it names none, or when there is no repository. */
export async function findCommit(folder: string, revision: string): Promise<string | undefined> {
  const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]
  const found = await git(folder, words).catch(() => undefined)
  return found?.toString('utf8').trim()
}

/** Reads everything. File names in messages are `main:policy/policies.cedar`. @throws CommandError ERR_COMMAND_FILE */
export async function loadGitSources(commit: string, place: GitPlace): Promise<Sources> {
  const { schema, policies } = place
  const schemas = await list(commit, place, schema)
  const entries = await list(commit, place, policies)
  const isFolder = entries.some(({ type }) => type === 'tree')
  const files = isFolder
    ? (await list(commit, place, policies, '/')).filter(({ type, name }) => type === 'blob' && name.endsWith('.cedar'))
    : entries
  const [schemaEntry] = schemas
  if (schemaEntry === undefined) throw missing(place, schema)
  if (files.length === 0) throw missing(place, policies)
  const sorted = files.toSorted((left, right) => (basename(left.name) < basename(right.name) ? -1 : 1))
  const [schemaText = '', ...texts] = await readBlobs(place.folder, [schemaEntry, ...sorted])
  const file = ({ name }: Entry, text: string): SourceFile => ({ file: `${place.revision}:${name}`, text })
  return { schema: file(schemaEntry, schemaText), policies: sorted.map((entry, at) => file(entry, texts[at] ?? '')) }
}

interface Entry {
  readonly type: string
  readonly object: string
  /** From the project's folder. */
  readonly name: string
}

/** What the revision has at a path; with `/` behind it, what is in there. */
async function list(commit: string, { folder }: GitPlace, path: string, behind = ''): Promise<Entry[]> {
  const inside = relative(folder, path).split(sep).join('/')
  const lines = await git(folder, ['ls-tree', '-z', commit, '--', `${inside}${behind}`]).catch(() => Buffer.from(''))
  return lines
    .toString('utf8')
    .split('\0')
    .flatMap((line) => {
      const [, type = '', object = '', name = ''] = /^\d+ (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? []
      return name === '' ? [] : [{ type, object, name }]
    })
}

/** Texts of objects, in order, by one process: `<object> blob <size>`, a line break, the content, a line break. */
async function readBlobs(folder: string, entries: readonly Entry[]): Promise<string[]> {
  const answer = await git(folder, ['cat-file', '--batch'], entries.map(({ object }) => `${object}\n`).join(''))
  let at = 0
  return entries.map(({ name }) => {
    const end = answer.indexOf('\n', at)
    const size = Number(/ blob (\d+)$/.exec(answer.toString('utf8', at, end))?.[1])
    if (!Number.isInteger(size)) throw new CommandError('ERR_COMMAND_FILE', `git cannot read \`${name}\``)
    at = end + 1 + size + 1
    return answer.toString('utf8', end + 1, end + 1 + size)
  })
}

const MAXIMUM_BYTES = 256 * 1024 * 1024

function git(folder: string, words: readonly string[], input = ''): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, encoding: 'buffer', maxBuffer: MAXIMUM_BYTES, windowsHide: true } as const
    const child = execFile('git', words, options, (error, stdout) => (error === null ? resolve(stdout) : reject(error)))
    // a git that has ended already reads nothing
    child.stdin?.on('error', () => undefined).end(input)
  })
}

function missing({ revision, folder }: GitPlace, path: string): CommandError {
  return new CommandError('ERR_COMMAND_FILE', `\`${revision}\` has no policies at \`${relative(folder, path)}\``, {
    hint: 'a revision is asked for the paths of the present configuration; see `cardea config`',
  })
}
