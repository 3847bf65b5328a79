// `cardea publish`: checks here, then publishes to the authority; every guard follows without a restart. A set with errors
// changes nothing, and neither does one that was made from an older revision than the current one.

import { Command } from 'commander'
import { z } from 'zod'
import { type AuthorityClient, connect } from '../authority-client.ts'
import { checkedDefinition } from '../check-everything.ts'
import { loadConfig } from '../config/load-config.ts'
import { wholeNumber } from '../input/whole-number.ts'
import { loadSources, portable } from '../sources.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
  readonly now?: boolean
  readonly ifRevision?: number
}

const publication = z.looseObject({
  revision: z.number(),
  staged: z.object({ activatesAt: z.string() }).optional(),
})

export function command(): Command {
  return new Command()
    .description('Checks the policies and publishes them. Guards follow without a restart.')
    .option(
      '--if-revision <n>',
      'publish only if this is still the current revision (default: whatever is current now)',
      wholeNumber,
    )
    .option('--now', 'active at once, even if present tokens lack a claim that it reads')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const loaded = await loadConfig({ file: options.config })
      const sources = await loadSources(loaded.config)
      await checkedDefinition(sources, { mappings: loaded.config.mappings, printsWarnings: options.json !== true })
      const authority = await connect(loaded)
      const revision = options.ifRevision ?? (await currentRevision(authority))
      const answer = await authority.send(publication, 'POST', '/v1/policies', {
        body: {
          ...portable(sources),
          forbidErrors: loaded.config.forbidErrors,
          ...(options.now === true ? { stage: 'now' } : {}),
        },
        headers: { 'if-match': `"${revision}"` },
      })
      console.log(options.json === true ? JSON.stringify(answer, null, 2) : describe(answer))
    })
}

async function currentRevision(authority: AuthorityClient): Promise<number> {
  return (await authority.send(z.object({ revision: z.number() }), 'GET', '/v1/policies/current')).revision
}

function describe({ revision, staged }: z.output<typeof publication>): string {
  if (staged === undefined) return `published revision ${revision}`
  return `staged revision ${revision}: active at ${staged.activatesAt}, when tokens hold what it reads (at once with --now)`
}
