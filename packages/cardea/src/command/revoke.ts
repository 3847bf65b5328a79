// `cardea revoke`: what is revoked is refused by every guard at once, not at expiry.

import { Command } from 'commander'
import { connect } from '../authority-client.ts'
import { loadConfig } from '../config/load-config.ts'
import { CommandError } from '../errors.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
  readonly token?: string
  readonly issuer?: string
  readonly session?: string
  readonly principal?: string
  readonly tenant?: string
  readonly client?: string
  readonly grant?: string
  readonly all?: boolean
}

export function command(): Command {
  return new Command()
    .description(
      'Revokes a session, a principal, a token, a client, a whole tenant, one grant, or everything before now.',
    )
    .option('--session <sid>', 'a session: all its tokens')
    .option('--principal <id>', 'a principal of a tenant (with --tenant)')
    .option('--tenant <tenant>', 'a tenant: all its tokens (alone)')
    .option('--token <jti>', "one token, by its id (with --issuer for another issuer's token)")
    .option('--issuer <url>', 'the issuer of --token; the authority by default')
    .option('--client <id>', 'a client: all its tokens')
    .option('--grant <id>', 'one grant (see `cardea grant list`)')
    .option('--all', 'everything issued before now')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const authority = await connect(await loadConfig({ file: options.config }))
      const started = performance.now()
      const answer =
        options.grant === undefined
          ? await authority.send('POST', '/v1/revocations', { key: keyOf(options, authority.url) })
          : await authority.send('DELETE', `/v1/grants/${encodeURIComponent(options.grant)}`)
      const milliseconds = (performance.now() - started).toFixed(0)
      console.log(options.json === true ? JSON.stringify(answer ?? null, null, 2) : `revoked in ${milliseconds} ms`)
    })
}

/** Exactly one thing to revoke. @throws CommandError ERR_COMMAND_USAGE */
function keyOf(options: Options, issuer: string): Readonly<Record<string, string>> {
  const { session, principal, tenant, token, client, all } = options
  const named = [session, principal, token, client, all === true ? 'all' : undefined].filter(
    (value) => value !== undefined,
  )
  if (named.length > 1 || (named.length === 0 && tenant === undefined)) {
    throw new CommandError('ERR_COMMAND_USAGE', 'name exactly one thing to revoke', {
      hint: 'cardea revoke --session SID',
    })
  }
  if (session !== undefined) return { kind: 'session', sid: session }
  if (token !== undefined) return { kind: 'token', iss: options.issuer ?? issuer, jti: token }
  if (client !== undefined) return { kind: 'client', clientId: client }
  if (all === true) return { kind: 'all' }
  if (principal === undefined) return { kind: 'tenant', tenant: tenant ?? '' }
  if (tenant === undefined) {
    throw new CommandError('ERR_COMMAND_USAGE', 'a principal belongs to a tenant', { hint: 'add --tenant TENANT' })
  }
  return { kind: 'principal', tenant, sub: principal }
}
