// `cardea check`: every error of every file, sorted, with code frames; strict validation against the schema; and, where the
// configuration names the mappings, every policy that a list could not express as a query.

import { Command } from 'commander'
import { checkEverything } from '../check-everything.ts'
import { loadConfig } from '../config/load-config.ts'
import { describeProblems, printProblems } from '../output/print-problems.ts'
import { loadSources } from '../sources.ts'

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
      const { policies, problems } = await checkEverything(sources, config)
      const errors = problems.filter((problem) => problem.severity === 'error').length
      if (options.json === true) {
        const found = describeProblems(sources, problems)
        console.log(JSON.stringify({ policies: policies.length, errors, problems: found }, null, 2))
      } else printProblems(sources, problems, policies.length)
      process.exitCode = errors > 0 ? 1 : 0
    })
}
