// `cardea opa rego`: the project's policies as Rego, for reading, for `opa eval` and for `opa build`. Without an authority: what it writes
// decides about requests whose caller somebody else has verified.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { compileBundle } from '@cardea/feed'
import { policyModules, printOpaJson, SCOPES_ROOT } from '@cardea/opa'
import { Command } from 'commander'
import { buildProjectBundle } from '../bundle/build-project-bundle.ts'
import { loadConfig } from '../config/load-config.ts'
import { CommandError } from '../errors.ts'
import { counted } from '../output/counted.ts'
import { shortName } from '../sources.ts'

interface Options {
  readonly config?: string
  readonly out?: string
  readonly json?: boolean
}

/** What a reader wants to see: the policies themselves. */
const RULES = 'cardea/policy/rules.rego'
/** Where OPA looks for their scopes. */
const SCOPES = `${SCOPES_ROOT.replace('.', '/')}/data.json`

export function regoCommand(): Command {
  return new Command('rego')
    .description('check the policies and print them as Rego; with --out write all files that decide by them')
    .option(
      '--out <folder>',
      'a folder for `opa eval -d`, `opa build` and `opa run`; answers data.cardea.policy.decision',
    )
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print all files as one JSON object, by path')
    .action(async ({ config: file, out, json }: Options) => {
      const { config } = await loadConfig({ file })
      const content = await buildProjectBundle(config)
      const { program, schema } = compileBundle(content)
      const { policies, forbidErrors } = program
      const { modules, scopes } = policyModules({ policies, schema, forbidErrors, sources: content.policies })
      const files = new Map([...modules, [SCOPES, `${printOpaJson(scopes)}\n`]])
      if (out !== undefined) await writeFiles(out, files)
      if (json === true) console.log(JSON.stringify(Object.fromEntries(files), null, 2))
      else if (out === undefined) console.log(modules.get(RULES)?.trimEnd())
      else console.log(`wrote ${counted(files.size, 'files')} to ${shortName(out)}: ask data.cardea.policy.decision`)
    })
}

/** @throws CommandError ERR_COMMAND_FILE */
async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) {
    const target = join(folder, path)
    try {
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, text)
    } catch (cause) {
      throw new CommandError('ERR_COMMAND_FILE', `cannot write ${shortName(target)}`, { cause })
    }
  }
}
