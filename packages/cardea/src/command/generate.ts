// `cardea generate`: the typed schema that the service imports, with the digest of the policies that passed `cardea check`.

import { Command } from 'commander'
import { checkedDefinition } from '../check-everything.ts'
import { loadConfig } from '../config/load-config.ts'
import { CommandError } from '../errors.ts'
import { generateText, isUpToDate, writeGenerated } from '../generated.ts'
import { loadSources, shortName } from '../sources.ts'

interface Options {
  readonly config?: string
  readonly check?: boolean
}

export function command(): Command {
  return new Command()
    .description('Checks the policies and writes the typed schema (`generated` in the configuration).')
    .option('-c, --config <file>', 'the configuration file')
    .option('--check', 'write nothing; fail if the file on disk is out of date')
    .action(async (options: Options) => {
      const { config } = await loadConfig({ file: options.config })
      const sources = await loadSources(config)
      const text = await generateText(sources, await checkedDefinition(sources, {}))
      const place = shortName(config.generated)
      if (options.check !== true) {
        await writeGenerated(config.generated, text)
        console.log(`wrote ${place}`)
      } else if (await isUpToDate(config.generated, text)) {
        console.log(`${place} is up to date`)
      } else {
        throw new CommandError('ERR_COMMAND_FILE', `\`${place}\` is out of date`, { hint: 'run `cardea generate`' })
      }
    })
}
