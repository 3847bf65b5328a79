// `cardea publish`: checks here, then publishes to the authority; every guard follows without a restart. A set with errors
// changes nothing, and neither does one that was made from an older revision than the current one.

import { Command } from 'commander'
import { z } from 'zod'
import { connect } from '../authority-client.ts'
import { checkedDefinition } from '../checked-definition.ts'
import { loadConfig } from '../config/load-config.ts'
import { loadSources, portable } from '../sources.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
  readonly now?: boolean
  readonly ifRevision?: string
}

export function command(): Command {
  return new Command()
    .description('Checks the policies and publishes them. Guards follow without a restart.')
    .option(
      '--if-revision <n>',
      'publish only if this is still the current revision (default: whatever is current now)',
    )
    .option('--now', 'active at once, even if present tokens lack a claim that it reads')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const loaded = await loadConfig({ file: options.config })
      const sources = await loadSources(loaded.config)
      await checkedDefinition(sources)
      const authority = await connect(loaded)
      const revision = options.ifRevision ?? (await currentRevision(authority))
      const answer = await authority.send(
        'POST',
        '/v1/policies',
        {
          ...portable(sources),
          forbidErrors: loaded.config.forbidErrors,
          ...(options.now === true ? { stage: 'now' } : {}),
        },
        { 'if-match': `"${revision}"` },
      )
      const published = z.object({ revision: z.number() }).parse(answer)
      console.log(options.json === true ? JSON.stringify(answer, null, 2) : `published revision ${published.revision}`)
    })
}

async function currentRevision(authority: Awaited<ReturnType<typeof connect>>): Promise<string> {
  const current = z.object({ revision: z.number() }).parse(await authority.send('GET', '/v1/policies/current'))
  return String(current.revision)
}
