// `cardea revoke`: what is revoked is refused by every guard at once, not at expiry.

import { Command } from 'commander'
import { z } from 'zod'
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
      const target = targetOf(options)
      const authority = await connect(await loadConfig({ file: options.config }))
      const started = performance.now()
      const answer =
        target.kind === 'grant'
          ? await authority.send(z.unknown(), 'DELETE', `/v1/grants/${encodeURIComponent(target.id)}`)
          : await authority.send(z.unknown(), 'POST', '/v1/revocations', {
              body: { key: keyOf(target, authority.url) },
            })
      const milliseconds = (performance.now() - started).toFixed(0)
      console.log(options.json === true ? JSON.stringify(answer ?? null, null, 2) : `revoked in ${milliseconds} ms`)
    })
}

type Target =
  | { readonly kind: 'session' | 'client' | 'tenant'; readonly id: string }
  | { readonly kind: 'grant'; readonly id: string }
  | { readonly kind: 'token'; readonly id: string; readonly issuer?: string }
  | { readonly kind: 'principal'; readonly id: string; readonly tenant: string }
  | { readonly kind: 'all' }

/** Exactly one thing to revoke: of two, one would be left alone without a word. @throws CommandError ERR_COMMAND_USAGE */
function targetOf({ session, principal, tenant, token, issuer, client, grant, all }: Options): Target {
  const named: Target[] = []
  if (session !== undefined) named.push({ kind: 'session', id: session })
  if (token !== undefined)
    named.push({ kind: 'token', id: tokenId(token), ...(issuer === undefined ? {} : { issuer }) })
  if (client !== undefined) named.push({ kind: 'client', id: client })
  if (grant !== undefined) named.push({ kind: 'grant', id: grant })
  if (all === true) named.push({ kind: 'all' })
  if (principal !== undefined) {
    if (tenant === undefined) throw misuse('a principal belongs to a tenant', 'add --tenant TENANT')
    named.push({ kind: 'principal', id: principal, tenant })
  } else if (tenant !== undefined) named.push({ kind: 'tenant', id: tenant })
  const [target, ...others] = named
  if (target === undefined || others.length > 0) {
    throw misuse('name exactly one thing to revoke', 'cardea revoke --session SID')
  }
  if (issuer !== undefined && target.kind !== 'token') throw misuse('--issuer belongs to --token', 'leave it out')
  return target
}

function tokenId(text: string): string {
  if (!text.startsWith('eyJ')) return text
  throw misuse('--token takes the id of a token, not the token', '`cardea token inspect @FILE` shows it as `jti`')
}

function keyOf(target: Exclude<Target, { kind: 'grant' }>, issuer: string): Readonly<Record<string, string>> {
  switch (target.kind) {
    case 'session':
      return { kind: 'session', sid: target.id }
    case 'token':
      return { kind: 'token', iss: target.issuer ?? issuer, jti: target.id }
    case 'client':
      return { kind: 'client', clientId: target.id }
    case 'tenant':
      return { kind: 'tenant', tenant: target.id }
    case 'principal':
      return { kind: 'principal', tenant: target.tenant, sub: target.id }
    case 'all':
      return { kind: 'all' }
    default:
      return target satisfies never
  }
}

function misuse(message: string, hint: string): CommandError {
  return new CommandError('ERR_COMMAND_USAGE', message, { hint })
}
