// `cardea bundle`: the project's policies as one file, for a service without an authority; `inspect` shows what is in a bundle, `verify`
// proves that what runs is what is written.

import { Command } from 'commander'
import { printBundle } from '@cardea/feed'
import { buildProjectBundle } from '../bundle/build-project-bundle.ts'
import { describeBundle, formatBundle, summarizeBundle } from '../bundle/describe-bundle.ts'
import { loadBundleFile } from '../bundle/load-bundle-file.ts'
import { verifyBundle } from '../bundle/verify-bundle.ts'
import { loadConfig } from '../config/load-config.ts'
import { writeGenerated } from '../generated.ts'
import { colors } from '../output/colors.ts'
import { shortName } from '../sources.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
  /** Of the command itself. */
  readonly out?: string
  /** Of `verify`. */
  readonly keys?: string
}

const DEFAULT_OUT = 'policy.bundle.json'

export function command(): Command {
  const bundle = new Command()
    // an option after a subcommand is the subcommand's
    .enablePositionalOptions()
    .description('Checks the policies and builds one file of them that a guard loads without parsing.')
    .option('--out <file>', 'where it is written', DEFAULT_OUT)
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print what is in it as JSON')
    .action(async ({ config: file, json, out = DEFAULT_OUT }: Options) => {
      const { config } = await loadConfig({ file })
      const content = await buildProjectBundle(config)
      const text = printBundle(content)
      await writeGenerated(out, text)
      const written = { name: shortName(out), bytes: Buffer.from(text), content, signed: undefined }
      const description = describeBundle(written)
      console.log(json === true ? JSON.stringify(description, null, 2) : `wrote ${summarizeBundle(description)}`)
    })
  bundle
    .command('inspect <file>')
    .description('show what is in a bundle')
    .option('--json', 'print JSON')
    .action(async (file: string, { json }: Options) => {
      const description = describeBundle(await loadBundleFile(file))
      console.log(json === true ? JSON.stringify(description, null, 2) : formatBundle(description))
    })
  bundle
    .command('verify <file>')
    .description('parse the texts of a bundle again and prove that its program, schema and plan are theirs')
    .option('--keys <file>', 'of a signed bundle: the pinned keys that sign bundles, as JSON')
    .option('--json', 'print what is in it as JSON')
    .action(async (file: string, { json, keys }: Options) => {
      const loaded = await loadBundleFile(file)
      await verifyBundle(loaded, keys)
      const description = describeBundle(loaded)
      if (json === true) console.log(JSON.stringify(description, null, 2))
      else console.log(colors().green(`${summarizeBundle(description)}: what runs is what is written`))
    })
  return bundle
}
