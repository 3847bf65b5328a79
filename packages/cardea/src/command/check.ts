// `cardea check`: every error of every file, sorted, with code frames; strict validation against the schema; what is doubtful; where
// the configuration names the mappings, every policy that a list could not express as a query; whether the generated schema is of these
// policies; and the policies that every request looks at.

import { createSchema } from '@cardea/policy'
import { unnarrowedPolicies } from '@cardea/policy/check'
import { Command } from 'commander'
import { checkEverything, hasErrors } from '../check-everything.ts'
import { loadConfig } from '../config/load-config.ts'
import { staleGenerated } from '../generated.ts'
import { colors } from '../output/colors.ts'
import { describeProblems, printProblems } from '../output/print-problems.ts'
import { describeShare, shareText } from '../output/print-share.ts'
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
      const { definition, policies, problems: found } = await checkEverything(sources, config)
      const isGood = definition !== undefined && !hasErrors(found)
      const stale = isGood ? await staleGenerated(config.generated, sources, definition) : []
      const unnarrowed = isGood ? unnarrowedPolicies(policies, createSchema(definition)) : []
      const problems = [...stale, ...found]
      const errors = problems.filter((problem) => problem.severity === 'error').length
      if (options.json === true) {
        const report = {
          policies: policies.length,
          errors,
          warnings: problems.length - errors,
          problems: describeProblems(sources, problems),
          ...(isGood ? { unnarrowed: describeShare(sources, unnarrowed, policies.length) } : {}),
        }
        console.log(JSON.stringify(report, null, 2))
      } else {
        printProblems(sources, problems, policies.length)
        const share = shareText(unnarrowed, policies.length)
        if (share !== undefined) console.log(colors().dim(share))
      }
      process.exitCode = errors > 0 ? 1 : 0
    })
}
