// Where to listen for a URL. Without TLS of our own an https address is a proxy's: then the port comes from CARDEA_PORT.

import type { Authority } from '@cardea/authority'
import { CommandError } from './errors.ts'

export interface ListenAddress {
  readonly port: number
  readonly hostname: string
}

/** `hasTls`: the authority speaks TLS itself, so an https address is its own. @throws CommandError ERR_COMMAND_CONFIG */
export function listenAddress(
  url: string,
  hasTls: boolean,
  environment: NodeJS.ProcessEnv = process.env,
): ListenAddress {
  const { protocol, port, hostname } = new URL(url)
  const isOwn = protocol === 'http:' || hasTls
  const chosen = environment['CARDEA_PORT'] ?? (isOwn ? port || (protocol === 'http:' ? '80' : '443') : undefined)
  if (chosen === undefined) {
    throw new CommandError(
      'ERR_COMMAND_CONFIG',
      'an https address is served by a proxy in front, on which port is not known',
      {
        hint: 'set CARDEA_PORT, and CARDEA_HOST if it is not 127.0.0.1; or `tls` of the authority',
      },
    )
  }
  if (!/^\d{1,5}$/.test(chosen) || Number(chosen) > 65_535) {
    throw new CommandError('ERR_COMMAND_CONFIG', `\`${chosen}\` is not a port`)
  }
  const host = environment['CARDEA_HOST'] ?? (isOwn ? hostname.replace(/^\[(.*)\]$/, '$1') : '127.0.0.1')
  return { port: Number(chosen), hostname: host }
}

/** Listens, and returns where. @throws CommandError ERR_COMMAND_PORT */
export async function listenAt(authority: Authority, address: ListenAddress): Promise<string> {
  try {
    return (await authority.listen(address)).url
  } catch (cause) {
    const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined
    const reason = REASONS[String(code)]
    if (reason === undefined) throw cause
    throw new CommandError(
      'ERR_COMMAND_PORT',
      `cannot listen on port ${address.port} of ${address.hostname}: ${reason}`,
      {
        hint: 'choose another address with --url, or another port with CARDEA_PORT',
        cause,
      },
    )
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process does',
  EADDRNOTAVAIL: 'the address is not one of this machine',
  EACCES: 'this user may not',
  ENOTFOUND: 'the name is not known',
}
