// The effective configuration: flags over environment over file over defaults. Paths become absolute, relative to the file.

import { access } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { z } from 'zod'
import { CommandError } from '../errors.ts'
import { configSchema, type EffectiveConfig } from './config-schema.ts'
import { isAddress } from './store-address.ts'
import { readConfigFile } from './read-config-file.ts'

const NAMES = ['cardea.config.ts', 'cardea.config.js', 'cardea.config.json'] as const

/** Environment variable to the place in the configuration that it overrides. */
export const ENVIRONMENT: Readonly<Record<string, readonly [string, ...string[]]>> = {
  CARDEA_SCHEMA: ['schema'],
  CARDEA_POLICIES: ['policies'],
  CARDEA_TESTS: ['tests'],
  CARDEA_GENERATED: ['generated'],
  CARDEA_MAPPINGS: ['mappings'],
  CARDEA_AUTHORITY_URL: ['authority', 'url'],
  CARDEA_STORE: ['authority', 'store'],
}

export interface LoadedConfig {
  readonly config: EffectiveConfig
  /** The file that was read; `undefined` when there is none and the defaults hold. */
  readonly file: string | undefined
  /** Relative paths of the configuration are relative to this folder. */
  readonly folder: string
}

export interface LoadOptions {
  readonly file?: string | undefined
  readonly folder?: string
  readonly environment?: NodeJS.ProcessEnv
  /** Values from flags, in the shape of the file. */
  readonly flags?: Readonly<Record<string, unknown>>
}

/** Loads and checks the configuration. @throws CommandError ERR_COMMAND_CONFIG, ERR_COMMAND_FILE */
export async function loadConfig(options: LoadOptions = {}): Promise<LoadedConfig> {
  const file = await findFile(options)
  const values = file === undefined ? {} : await readConfig(file)
  const merged = mergeInto(mergeInto(values, fromEnvironment(options.environment ?? process.env)), options.flags ?? {})
  const parsed = configSchema.safeParse(merged)
  if (!parsed.success) {
    throw new CommandError('ERR_COMMAND_CONFIG', `the configuration is not valid: ${firstIssue(parsed.error)}`, {
      hint: file === undefined ? 'check the flags and CARDEA_* variables' : `mend it in ${file}`,
    })
  }
  const folder = file === undefined ? resolve(options.folder ?? '.') : dirname(file)
  return { config: withAbsolutePaths(parsed.data, folder), file, folder }
}

async function findFile({ file, folder = '.' }: LoadOptions): Promise<string | undefined> {
  const candidates = file === undefined ? NAMES.map((name) => join(resolve(folder), name)) : [resolve(file)]
  for (const candidate of candidates) {
    const there = await access(candidate).then(
      () => true,
      () => false,
    )
    if (there) return candidate
  }
  if (file === undefined) return undefined
  throw new CommandError('ERR_COMMAND_FILE', `there is no configuration file \`${file}\``, {
    hint: 'run `cardea init` in an empty folder, or name another with --config',
  })
}

async function readConfig(file: string): Promise<Readonly<Record<string, unknown>>> {
  const value = await readConfigFile(file)
  if (isPlain(value)) return value
  throw new CommandError('ERR_COMMAND_CONFIG', `the configuration file \`${file}\` exports no configuration`, {
    hint: 'write `export default defineConfig({ ... })`',
  })
}

function fromEnvironment(environment: NodeJS.ProcessEnv): Record<string, unknown> {
  let values: Record<string, unknown> = {}
  for (const [name, [first, second]] of Object.entries(ENVIRONMENT)) {
    const value = environment[name]
    if (value === undefined) continue
    values = mergeInto(values, second === undefined ? { [first]: value } : { [first]: { [second]: value } })
  }
  return values
}

/** A deep merge of plain objects; what is `undefined` in `over` is left as it was. */
function mergeInto(
  under: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  // names come from outside, and `__proto__` is one that must stay a name
  const merged: Record<string, unknown> = { __proto__: null, ...under }
  for (const [name, value] of Object.entries(over)) {
    if (value === undefined) continue
    const before = merged[name]
    merged[name] = isPlain(value) && isPlain(before) ? mergeInto(before, value) : value
  }
  return merged
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues
  if (issue === undefined) return 'it has the wrong shape'
  const place = issue.path.length === 0 ? '' : `\`${issue.path.join('.')}\`: `
  if (issue.code === 'unrecognized_keys') return `${place}there is no \`${issue.keys.join('`, `')}\``
  return `${place}${issue.message.toLowerCase()}`
}

function withAbsolutePaths(config: EffectiveConfig, folder: string): EffectiveConfig {
  const { mappings } = config
  const { store } = config.authority
  const isFile = typeof store === 'string' && store !== ':memory:' && !isAddress(store)
  return {
    ...config,
    schema: resolve(folder, config.schema),
    policies: resolve(folder, config.policies),
    tests: resolve(folder, config.tests),
    generated: resolve(folder, config.generated),
    ...(mappings === undefined ? {} : { mappings: { ...mappings, module: resolve(folder, mappings.module) } }),
    authority: { ...config.authority, store: isFile ? resolve(folder, store) : store },
  }
}
