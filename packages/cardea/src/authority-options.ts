// From the configuration to an authority's options: references to secrets become secrets, here and nowhere else.

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { AuthorityOptions } from '@cardea/authority'
import type { SecretReference } from './config/config-schema.ts'
import type { LoadedConfig } from './config/load-config.ts'
import { CommandError } from './errors.ts'

type Tls = NonNullable<AuthorityOptions['tls']>

/** Finds a secret. @throws CommandError ERR_COMMAND_CONFIG, ERR_COMMAND_FILE */
export type SecretSource = (reference: SecretReference, what: string) => Promise<string>

/** The options for `createAuthority`, which checks them. */
export async function authorityOptions(
  { config, folder }: LoadedConfig,
  secrets: SecretSource = secretsFrom(folder),
): Promise<AuthorityOptions> {
  const { url, store, key, previousKeys, tls, clients, ...rest } = config.authority
  return {
    ...(rest as Partial<AuthorityOptions>),
    issuer: url.replace(/\/$/, ''),
    store: await storeLocation(store, secrets),
    ...(key === undefined ? {} : { key: await secrets(key, 'the encryption key') }),
    previousKeys: await Promise.all(previousKeys.map((previous) => secrets(previous, 'an earlier encryption key'))),
    ...(tls === undefined ? {} : { tls: withFiles(tls, folder) }),
    clients: (await Promise.all(
      clients.map(async ({ secret, ...client }) => ({
        ...client,
        ...(secret === undefined ? {} : { secret: await secrets(secret, `the client \`${client.id}\``) }),
      })),
    )) as NonNullable<AuthorityOptions['clients']>,
  }
}

/** Its files are named relative to the configuration, as all others. */
function withFiles(tls: Tls, folder: string): Tls {
  const { certFile, keyFile, ca } = tls
  return {
    certFile: resolve(folder, certFile),
    keyFile: resolve(folder, keyFile),
    ...(ca === undefined ? {} : { ca: resolve(folder, ca) }),
  }
}

/** A path, or the address of a database. */
export async function storeLocation(
  store: LoadedConfig['config']['authority']['store'],
  secrets: SecretSource,
): Promise<string> {
  return typeof store === 'string' ? store : secrets(store, 'the store')
}

/** Secrets from the environment and from files; file paths are relative to the configuration. */
export function secretsFrom(folder: string): SecretSource {
  return async (reference, what) => {
    if ('env' in reference) {
      const value = process.env[reference.env]
      if (value !== undefined && value !== '') return value
      throw new CommandError('ERR_COMMAND_CONFIG', `the secret of ${what} is not set`, { hint: `set ${reference.env}` })
    }
    try {
      return (await readFile(resolve(folder, reference.file), 'utf8')).trim()
    } catch (cause) {
      throw new CommandError('ERR_COMMAND_FILE', `the secret of ${what} cannot be read from \`${reference.file}\``, {
        cause,
      })
    }
  }
}
