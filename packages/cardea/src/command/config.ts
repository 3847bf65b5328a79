// `cardea config`: the effective configuration and where each secret would come from. Secrets are never in it.

import { Command } from 'commander'
import { ENVIRONMENT, loadConfig } from '../config/load-config.ts'
import { redact } from '../config/redact.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
}

export function command(): Command {
  return new Command()
    .description(
      'Prints the effective configuration: flags over environment over file over defaults. Secrets are references.',
    )
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const { config, file } = await loadConfig({ file: options.config })
      const shown = redact(config)
      if (options.json === true) {
        console.log(JSON.stringify({ file: file ?? null, config: shown }, null, 2))
        return
      }
      console.log(`# ${file ?? 'no configuration file here: these are the defaults'}`)
      const set = Object.keys(ENVIRONMENT).filter((name) => process.env[name] !== undefined)
      if (set.length > 0) console.log(`# set in the environment: ${set.join(', ')}`)
      for (const [name, value] of leaves(shown)) console.log(`${name} = ${value}`)
    })
}

function* leaves(value: unknown, prefix = ''): Generator<readonly [string, string]> {
  if (typeof value !== 'object' || value === null || (Array.isArray(value) && value.length === 0)) {
    yield [prefix, JSON.stringify(value)]
    return
  }
  for (const [name, inner] of Object.entries(value)) yield* leaves(inner, prefix === '' ? name : `${prefix}.${name}`)
}
