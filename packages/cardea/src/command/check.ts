// `cardea check`: every error of every file, sorted, with code frames; strict validation against the schema.

import type { Problem } from '@cardea/policy'
import { checkSources, createValidator } from '@cardea/validate'
import { Command } from 'commander'
import { loadConfig } from '../config/load-config.ts'
import { printProblems } from '../output/print-problems.ts'
import { loadSources, type Sources } from '../sources.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
}

export function command(): Command {
  return new Command()
    .description('Parses the schema and every policy, validates them strictly and prints everything that is wrong.')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print the problems as JSON')
    .action(async (options: Options) => {
      const { config } = await loadConfig({ file: options.config })
      const sources = await loadSources(config)
      const { policies, problems } = await findProblems(sources)
      const errors = problems.filter((problem) => problem.severity === 'error').length
      if (options.json === true) console.log(JSON.stringify({ policies: policies, errors, problems }, null, 2))
      else printProblems(sources, problems, policies)
      process.exitCode = errors > 0 ? 1 : 0
    })
}

/** All problems of the sources, and how many policies there are. */
export async function findProblems(sources: Sources): Promise<{ policies: number; problems: readonly Problem[] }> {
  const validator = createValidator()
  try {
    const { policies, problems } = await checkSources(sources, validator)
    return { policies: policies.length, problems }
  } finally {
    await validator.close()
  }
}
