// One side of a comparison: the working folder, another folder, or a git revision, checked as `cardea check` does.

import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { createWorld, type World } from '@cardea/testkit'
import type { Validator } from '@cardea/validate'
import { hasErrors } from '../check-everything.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { CommandError } from '../errors.ts'
import { printProblems } from '../output/print-problems.ts'
import { loadSources, type Sources } from '../sources.ts'
import { findCommit, loadGitSources } from './git-sources.ts'

export interface Side {
  /** As messages call it. */
  readonly name: string
  readonly sources: Sources
  readonly world: World
}

/** Reads and checks a side; without a name it is the working folder. @throws CommandError ERR_COMMAND_FILE, ERR_COMMAND_POLICY */
export async function loadSide(name: string | undefined, loaded: LoadedConfig, validator: Validator): Promise<Side> {
  const sources = name === undefined ? await loadSources(loaded.config) : await loadNamed(name, loaded)
  const { definition, policies, problems } = await validator.check(sources)
  const called = name ?? 'working folder'
  if (definition === undefined || hasErrors(problems)) {
    printProblems(sources, problems, policies.length)
    const hint = 'only policies without errors can be compared'
    throw new CommandError('ERR_COMMAND_POLICY', `the policies of \`${called}\` have errors`, { hint })
  }
  const { forbidErrors } = loaded.config
  return { name: called, sources, world: createWorld({ schema: definition, policies: sources.policies, forbidErrors }) }
}

/** What is on disk wins over a revision of the same name. */
async function loadNamed(name: string, { config, folder }: LoadedConfig): Promise<Sources> {
  const path = resolve(name)
  const found = await stat(path).catch(() => undefined)
  if (found !== undefined) {
    return loadSources({
      policies: path,
      schema: found.isDirectory() ? await schemaIn(path, config.schema) : config.schema,
    })
  }
  const commit = await findCommit(folder, name)
  if (commit !== undefined) {
    return loadGitSources(commit, { folder, revision: name, schema: config.schema, policies: config.policies })
  }
  throw new CommandError('ERR_COMMAND_FILE', `\`${name}\` is neither a folder of policies nor a git revision`, {
    hint: 'name a folder, or a branch, tag or commit: `cardea diff main`',
  })
}

/** A folder's own schema; that of the configuration where it has none. */
async function schemaIn(folder: string, configured: string): Promise<string> {
  const schemas = (await readdir(folder)).filter((name) => name.endsWith('.cedarschema'))
  const own = schemas.find((name) => name === basename(configured)) ?? (schemas.length === 1 ? schemas[0] : undefined)
  return own === undefined ? configured : join(folder, own)
}
