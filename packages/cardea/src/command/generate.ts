// `cardea generate`: the typed schema that the service imports, with the digest of the policies that passed `cardea check`.

import { writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { generateSchemaFile } from '@cardea/validate'
import { Command } from 'commander'
import { checkedDefinition } from '../checked-definition.ts'
import { loadConfig } from '../config/load-config.ts'
import { CommandError } from '../errors.ts'
import { digestOf, loadSource, loadSources, type Sources } from '../sources.ts'

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
      const text = await generateText(await loadSources(config))
      const place = relative(process.cwd(), config.generated)
      if (options.check === true) {
        const current = await loadSource(config.generated).then(
          (source) => source.text,
          () => '',
        )
        if (current !== text) {
          throw new CommandError('ERR_COMMAND_FILE', `\`${place}\` is out of date`, { hint: 'run `cardea generate`' })
        }
        console.log(`${place} is up to date`)
        return
      }
      await writeFile(config.generated, text)
      console.log(`wrote ${place}`)
    })
}

/** The text of the generated file. @throws CommandError ERR_COMMAND_POLICY after printing what is wrong */
export async function generateText(sources: Sources): Promise<string> {
  const definition = await checkedDefinition(sources)
  return generateSchemaFile(definition, { digest: await digestOf(sources) })
}
