// One side of a comparison: the working folder, another folder, or a git revision, checked as `cardea check` does; or a bundle, as it runs.

import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { compileBundle } from '@cardea/feed'
import { createWorld, type World } from '@cardea/testkit'
import type { Validator } from '@cardea/validate'
import { loadBundleFile } from '../bundle/load-bundle-file.ts'
import { hasErrors } from '../check-everything.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { CommandError } from '../errors.ts'
import { printProblems } from '../output/print-problems.ts'
import { loadSources, type SourceFile, type Sources } from '../sources.ts'
import { findCommit, loadGitSources } from './git-sources.ts'

export interface Side {
  /** As messages call it. */
  readonly name: string
  readonly sources: Sources
  readonly world: World
}

/**
 * Reads and checks a side; without a name it is the working folder. What is on disk wins over a revision of the same name.
 * @throws CommandError ERR_COMMAND_FILE, ERR_COMMAND_POLICY, ERR_COMMAND_INPUT; FeedError for a bundle that cannot be read
 */
export async function loadSide(name: string | undefined, loaded: LoadedConfig, validator: Validator): Promise<Side> {
  if (name === undefined) return checkedSide('working folder', await loadSources(loaded.config), loaded, validator)
  const path = resolve(name)
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return checkedSide(name, await loadRevision(name, loaded), loaded, validator)
  if (found.isFile() && !name.endsWith('.cedar')) return loadBundle(name, path)
  const { schema: configured } = loaded.config
  const schema = found.isDirectory() ? await schemaIn(path, configured) : configured
  return checkedSide(name, await loadSources({ policies: path, schema }), loaded, validator)
}

async function checkedSide(
  name: string,
  sources: Sources,
  { config }: LoadedConfig,
  validator: Validator,
): Promise<Side> {
  const { definition, policies, problems } = await validator.check(sources)
  if (definition === undefined || hasErrors(problems)) {
    printProblems(sources, problems, policies.length)
    const hint = 'only policies without errors can be compared'
    throw new CommandError('ERR_COMMAND_POLICY', `the policies of \`${name}\` have errors`, { hint })
  }
  const { forbidErrors } = config
  return { name, sources, world: createWorld({ schema: definition, policies: sources.policies, forbidErrors }) }
}

/** What a guard that loads it would decide by: its program, not its texts, and its own `forbidErrors`. Nobody's signature is verified. */
async function loadBundle(name: string, path: string): Promise<Side> {
  const { content } = await loadBundleFile(path)
  const { program, schema } = compileBundle(content)
  const named = ({ file, text }: SourceFile): SourceFile => ({ file: `${name}:${file}`, text })
  const places = new Map(content.policies.map(({ file }) => [file, `${name}:${file}`]))
  const policies = program.policies.map((policy) => {
    return { ...policy, span: { ...policy.span, file: places.get(policy.span.file) ?? policy.span.file } }
  })
  const sources = { schema: named(content.schemaSource), policies: content.policies.map(named) }
  return { name, sources, world: { schema, program, policies } }
}

async function loadRevision(name: string, { config, folder }: LoadedConfig): Promise<Sources> {
  const commit = await findCommit(folder, name)
  if (commit !== undefined) {
    return loadGitSources(commit, { folder, revision: name, schema: config.schema, policies: config.policies })
  }
  throw new CommandError('ERR_COMMAND_FILE', `\`${name}\` is no folder of policies, no bundle and no git revision`, {
    hint: 'name a folder, a bundle, or a branch, tag or commit: `cardea diff main`',
  })
}

/** A folder's own schema; that of the configuration where it has none. */
async function schemaIn(folder: string, configured: string): Promise<string> {
  const schemas = (await readdir(folder)).filter((name) => name.endsWith('.cedarschema'))
  const own = schemas.find((name) => name === basename(configured)) ?? (schemas.length === 1 ? schemas[0] : undefined)
  return own === undefined ? configured : join(folder, own)
}
