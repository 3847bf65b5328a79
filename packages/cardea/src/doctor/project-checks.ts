// What can be checked without a network: the authority's part of the configuration, the policies, the generated file, the settings.

import { type AuthorityOptions, checkOptions, type Settings } from '@cardea/authority'
import type { SchemaDefinition } from '@cardea/policy'
import { authorityOptions, secretsFrom } from '../authority-options.ts'
import { checkEverything } from '../check-everything.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { loadDevCredentials } from '../credentials.ts'
import { staleGenerated } from '../generated.ts'
import { counted } from '../output/counted.ts'
import { loadSources, shortName, type Sources } from '../sources.ts'
import { type Check, fail, failed, ok, warn } from './check.ts'

/** Found on the way, for the checks that follow. */
export interface Found {
  settings?: Settings
  sources?: Sources
  definition?: SchemaDefinition
}

export async function* projectChecks(loaded: LoadedConfig, found: Found): AsyncGenerator<Check> {
  yield await authorityPart(loaded, found)
  yield* secretChecks(loaded)
  yield* policyChecks(loaded, found)
}

/** As the authority itself checks it, with something in the place of each secret: those need not be on this machine. */
async function authorityPart(loaded: LoadedConfig, found: Found): Promise<Check> {
  const name = 'configuration'
  try {
    const options: AuthorityOptions = await authorityOptions(loaded, (_reference, what) =>
      Promise.resolve(what === 'the store' ? 'postgres://localhost/somewhere' : 'x'.repeat(43)),
    )
    const dev = await loadDevCredentials(loaded.folder)
    // what fits a development alone is still enough to look at the rest
    found.settings = checkOptions({ ...options, development: true }, undefined)
    if (dev?.url !== options.issuer) found.settings = checkOptions(options, process.env['NODE_ENV'])
    const { audiences, clients, providers } = found.settings
    const parts = [
      counted(audiences.length, 'audiences'),
      counted(clients.length, 'clients'),
      counted(providers.length, 'providers'),
    ].join(', ')
    return ok(name, `${loaded.file === undefined ? 'no file: the defaults' : shortName(loaded.file)}, ${parts}`)
  } catch (error) {
    return failed(name, error, '`cardea serve` does not start with it: mend the `authority` part of the configuration')
  }
}

async function* secretChecks(loaded: LoadedConfig): AsyncGenerator<Check> {
  const missing: string[] = []
  const real = secretsFrom(loaded.folder)
  await authorityOptions(loaded, async (reference, what) => {
    await real(reference, what).catch(() => missing.push('env' in reference ? reference.env : reference.file))
    return 'x'
  })
  if (missing.length === 0) return
  yield warn('secrets', {
    code: 'ERR_COMMAND_CONFIG',
    message: `not to be had here: ${missing.join(', ')}`,
    hint: 'the machine of `cardea serve` needs them; another one does not',
  })
}

async function* policyChecks({ config }: LoadedConfig, found: Found): AsyncGenerator<Check> {
  try {
    const sources = await loadSources(config)
    const { definition, policies, problems } = await checkEverything(sources, config)
    const [error] = problems.filter(({ severity }) => severity === 'error')
    if (definition === undefined || error !== undefined) {
      const { code = 'ERR_COMMAND_POLICY', message = 'the schema has errors' } = error ?? {}
      yield fail('policies', { code, message, hint: '`cardea check` shows every place' })
      return
    }
    Object.assign(found, { sources, definition })
    const warnings = problems.length === 0 ? 'no findings' : `${counted(problems.length, 'warnings')}: \`cardea check\``
    yield ok('policies', `${policies.length} in ${counted(sources.policies.length, 'files')}, ${warnings}`)
    const [stale] = await staleGenerated(config.generated, sources, definition)
    yield stale === undefined
      ? ok('generated', `${shortName(config.generated)} is of these policies`)
      : warn('generated', { code: stale.code, message: stale.message, hint: stale.hint ?? 'run `cardea generate`' })
  } catch (error) {
    yield failed('policies', error, '`cardea check` shows more')
  }
}
