// `cardea grant`: give, list and take back grants: a named template, for a grantee, on a resource, perhaps until a time.

import { parseEntityUid } from '@cardea/policy'
import { Command } from 'commander'
import { z } from 'zod'
import { connect } from '../authority-client.ts'
import { loadConfig } from '../config/load-config.ts'
import { CommandError } from '../errors.ts'
import { formatTable } from '../output/table.ts'
import { parseTime } from '../input/parse-time.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
}

interface AddOptions extends Options {
  readonly tenant: string
  readonly until?: string
}

const grantList = z.looseObject({
  grants: z.array(
    z.looseObject({
      id: z.string(),
      tenant: z.string(),
      grantee: z.string(),
      template: z.string(),
      resource: z.string(),
      until: z.string().nullish(),
    }),
  ),
})

export function command(): Command {
  const grant = new Command().description('Gives, lists and takes back grants.')
  grant
    .command('add <template> <grantee> <resource>')
    .description('give: cardea grant add viewer \'User::"ann"\' \'Document::"plan"\' --tenant acme')
    .requiredOption('--tenant <tenant>', "the grantee's tenant")
    .option('--until <time>', 'when it ends: 2026-01-01T12:00:00Z, or 30m, 8h, 7d from now')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (template: string, grantee: string, resource: string, options: AddOptions) => {
      for (const text of [grantee, resource]) {
        if (parseEntityUid(text) !== undefined) continue
        throw new CommandError('ERR_COMMAND_USAGE', `\`${text}\` is not an entity`, {
          hint: 'write it as Type::"id", in quotes for the shell',
        })
      }
      const authority = await connect(await loadConfig({ file: options.config }))
      const until = options.until === undefined ? {} : { until: parseTime(options.until, 'from now').toISOString() }
      const body = { tenant: options.tenant, grantee, template, resource, ...until }
      const answer = await authority.send(z.looseObject({ id: z.string() }), 'POST', '/v1/grants', { body })
      console.log(
        options.json === true
          ? JSON.stringify(answer, null, 2)
          : `granted ${template} on ${resource} to ${grantee} (${answer.id})`,
      )
    })
  grant
    .command('list')
    .description('list the grants')
    .option('--tenant <tenant>', 'only of this tenant')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (options: Options & { readonly tenant?: string }) => {
      const authority = await connect(await loadConfig({ file: options.config }))
      const query = options.tenant === undefined ? '' : `?tenant=${encodeURIComponent(options.tenant)}`
      const answer = await authority.send(grantList, 'GET', `/v1/grants${query}`)
      if (options.json === true) {
        console.log(JSON.stringify(answer, null, 2))
        return
      }
      const cells = answer.grants.map((row) => [
        row.id,
        row.tenant,
        row.template,
        row.grantee,
        row.resource,
        row.until ?? '',
      ])
      console.log(formatTable(['id', 'tenant', 'template', 'grantee', 'resource', 'until'], cells))
    })
  grant
    .command('remove <id>')
    .description('take a grant back; guards refuse it at once')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (id: string, options: Options) => {
      const authority = await connect(await loadConfig({ file: options.config }))
      const answer = await authority.send(z.unknown(), 'DELETE', `/v1/grants/${encodeURIComponent(id)}`)
      console.log(options.json === true ? JSON.stringify(answer ?? null, null, 2) : `took back ${id}`)
    })
  return grant
}
