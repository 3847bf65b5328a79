// `cardea dev`: an authority with test users, and a look at the policies with every save: errors with code frames, or which cells of
// the matrix flipped. Good policies are published at once, so a running app follows.

import { once } from 'node:events'
import { dirname } from 'node:path'
import { type Authority, createAuthority, createSilentLog } from '@cardea/authority'
import { createValidator } from '@cardea/validate'
import { type FSWatcher, watch as watchFiles } from 'chokidar'
import { Command } from 'commander'
import { z } from 'zod'
import { authorityOptions } from '../authority-options.ts'
import type { EffectiveConfig } from '../config/config-schema.ts'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { createCycle, type Cycle } from '../dev/cycle.ts'
import { createDevSecrets, type DevSecrets } from '../dev/dev-secrets.ts'
import { isGood, printLook } from '../dev/print-look.ts'
import { addSignInRoute } from '../dev/sign-in-route.ts'
import { CommandError } from '../errors.ts'
import { listenAddress, listenAt } from '../listen-address.ts'
import { portable, type Sources } from '../sources.ts'
import { colors } from '../output/colors.ts'
import { printFindings } from '../output/print-problems.ts'
import { reportError } from '../output/report-error.ts'

interface Options {
  readonly config?: string
  readonly url?: string
  readonly once?: boolean
}

/** An editor writes a file in several steps; one look is enough. */
const SETTLE_MILLISECONDS = 50

export function command(): Command {
  return new Command()
    .description(
      'Runs an authority with test users for development, and watches the schema, the policies and the tests.',
    )
    .option('--url <url>', "the authority's address")
    .option('--once', 'look once, publish, and end')
    .option('-c, --config <file>', 'the configuration file')
    .action(async (options: Options) => {
      if (process.env['NODE_ENV'] === 'production') {
        throw new CommandError('ERR_COMMAND_USAGE', '`cardea dev` does not run where NODE_ENV is `production`', {
          hint: 'use `cardea serve`',
        })
      }
      const loaded = await loadConfig({ file: options.config, flags: { authority: { url: options.url } } })
      await develop(loaded, options.once === true)
    })
}

async function develop(loaded: LoadedConfig, justOnce: boolean): Promise<void> {
  const { config, folder } = loaded
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const authority = await startAuthority(loaded, createDevSecrets(folder))
  const validator = createValidator()
  const look = createLooks(config, authority, createCycle(config, validator))
  // before the first look, so that no save between the two is missed
  const watcher = justOnce ? undefined : await watch(config, look)
  try {
    const good = await look()
    if (justOnce) {
      process.exitCode = good ? 0 : 1
      return
    }
    printStart(config)
    await stopped
  } finally {
    await watcher?.close()
    await authority.close()
    await validator.close()
  }
}

/** A look, what follows from it, and what is printed. One at a time; true when all is as it should be. Never rejects. */
function createLooks(config: EffectiveConfig, authority: Authority, cycle: Cycle): () => Promise<boolean> {
  async function look(): Promise<boolean> {
    const started = performance.now()
    try {
      const found = await cycle.look()
      const print = (): void => printLook(found, performance.now() - started)
      // the cells first, then what is doubtful: publishing checks everything once more, signs it, and says itself when it fails. Where
      // there are no cells, what is printed is that it was published
      const isLast = found.kind === 'good' && found.testsError !== undefined
      if (!isLast) print()
      if (found.kind === 'good') {
        printFindings(found.sources, found.warnings())
        await publish(found.sources, config, authority)
      }
      if (isLast) print()
      return isGood(found)
    } catch (error) {
      reportError(error)
      return false
    }
  }
  let last = Promise.resolve(true)
  return () => (last = last.then(look))
}

async function startAuthority(loaded: LoadedConfig, secrets: DevSecrets): Promise<Authority> {
  const options = await authorityOptions(loaded, secrets.source)
  const address = listenAddress(options.issuer, options.tls !== undefined)
  const { admin } = secrets
  const audiences = (options.audiences ?? []).map((audience) => audience.id)
  const authority = await createAuthority({
    ...options,
    development: true,
    clients: [...(options.clients ?? []), { id: admin.id, secret: admin.secret, roles: ['admin'], audiences }],
    log: createSilentLog(),
  })
  addSignInRoute(authority, admin, admin.signIn)
  try {
    await listenAt(authority, address)
    await secrets.store(options.issuer)
  } catch (error) {
    await authority.close()
    throw error
  }
  return authority
}

/** Publishes, so that the app and its guard follow. */
async function publish(sources: Sources, config: EffectiveConfig, authority: Authority): Promise<void> {
  await authority.service.publish({ ...portable(sources), forbidErrors: config.forbidErrors, stage: 'now' })
}

/** Looks again after each change of a file that a look reads. Resolves when no change can be missed any more. */
async function watch(config: EffectiveConfig, look: () => Promise<unknown>): Promise<FSWatcher> {
  const { policies, schema, tests, mappings } = config
  const files = new Set([policies, schema, tests, ...(mappings === undefined ? [] : [mappings.module])])
  const isRead = (path: string): boolean => files.has(path) || (path.endsWith('.cedar') && dirname(path) === policies)
  // folders, because many editors put a new file in the place of the old one
  const folders = new Set([policies, ...[...files].map((file) => dirname(file))])
  const watcher = watchFiles([...folders], {
    ignoreInitial: true,
    depth: 0,
    ignored: (path, stats) => stats !== undefined && !folders.has(path) && !isRead(path),
  })
  let timer: NodeJS.Timeout | undefined
  watcher.on('all', (_event, path) => {
    if (!isRead(path)) return
    clearTimeout(timer)
    timer = setTimeout(() => void look(), SETTLE_MILLISECONDS)
  })
  await once(watcher, 'ready')
  return watcher
}

function printStart({ authority }: EffectiveConfig): void {
  const { bold, dim } = colors()
  const users = Object.keys(z.record(z.string(), z.unknown()).catch({}).parse(authority['testUsers']))
  console.log(
    `\n${bold('authority')} ${authority.url}  ${dim('(development; secrets for the app in .cardea/dev.env)')}`,
  )
  if (users.length > 0)
    console.log(`${bold('test users')} ${users.join(', ')}  ${dim(`(cardea token --as ${users[0]})`)}`)
  console.log(dim('watching the policies; Ctrl-C ends'))
}
