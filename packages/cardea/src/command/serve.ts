// `cardea serve`: runs the authority until it is told to stop, by SIGTERM with a hand-over, by SIGINT or a second signal at once. `--init` makes the first administrator and prints its secret once.

import { once } from 'node:events'
import { createAuthority, initialiseAuthority } from '@cardea/authority'
import { Command } from 'commander'
import { authorityOptions, secretsFrom, storeLocation } from '../authority-options.ts'
import { redactAddress } from '../config/redact.ts'
import { loadConfig } from '../config/load-config.ts'
import { listenAddress, listenAt } from '../listen-address.ts'
import { colors } from '../output/colors.ts'

interface Options {
  readonly config?: string
  readonly url?: string
  readonly store?: string
  readonly init?: boolean
  readonly recover?: boolean
}

export function command(): Command {
  return new Command()
    .description('Runs the authority: exchange, keys, grants, revocation, publication, the feed and the log.')
    .option('--url <url>', 'its address and issuer id')
    .option('--store <store>', 'its SQLite file, or the address of PostgreSQL')
    .option('--init', 'make the first administrator, print its secret once, and end')
    .option('--recover', 'with --init: replace a lost administrator secret')
    .option('-c, --config <file>', 'the configuration file')
    .action(async (options: Options) => {
      const flags = { authority: { url: options.url, store: options.store } }
      const loaded = await loadConfig({ file: options.config, flags })
      if (options.init !== true) return serve(await authorityOptions(loaded))
      const { config, folder } = loaded
      return initialise(await storeLocation(config.authority.store, secretsFrom(folder)), options.recover === true)
    })
}

async function initialise(store: string, recover: boolean): Promise<void> {
  const { dim } = colors()
  const { id, secret } = await initialiseAuthority({ store, recover })
  console.log(`CARDEA_CLIENT_ID=${id}\nCARDEA_CLIENT_SECRET=${secret}`)
  console.error(
    dim('This secret is printed once and kept nowhere. Lost? `cardea serve --init --recover` while nothing runs.'),
  )
}

async function serve(options: Parameters<typeof createAuthority>[0]): Promise<void> {
  // from now on, so that whoever reads that it listens can end it
  const interrupted = once(process, 'SIGINT')
  const terminated = once(process, 'SIGTERM')
  const address = listenAddress(options.issuer, options.tls !== undefined)
  const authority = await createAuthority(options)
  try {
    const url = await listenAt(authority, address)
    console.log(`authority ${options.issuer} listens on ${url}, store ${redactAddress(options.store)}`)
    await Promise.race([
      interrupted,
      terminated.then(() => Promise.race([authority.drain(), once(process, 'SIGTERM')])),
    ])
  } finally {
    await authority.close()
  }
}
