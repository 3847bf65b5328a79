// `cardea dev`: an authority with test users, and a look at the policies with every save: errors with code frames, or which cells of
// the matrix flipped. Good policies are published at once, so a running app follows.

import { once } from 'node:events'
import { dirname } from 'node:path'
import { type Authority, createAuthority, createSilentLog } from '@cardea/authority'
import { createValidator } from '@cardea/validate'
import chokidar from 'chokidar'
import { Command } from 'commander'
import { z } from 'zod'
import { authorityOptions } from '../authority-options.ts'
import type { EffectiveConfig } from '../config/config-schema.ts'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { createCycle } from '../dev/cycle.ts'
import { createDevSecrets, type DevSecrets } from '../dev/dev-secrets.ts'
import { isGood, printLook } from '../dev/print-look.ts'
import { addSignInRoute } from '../dev/sign-in-route.ts'
import { CommandError } from '../errors.ts'
import { listenFor } from '../listen-address.ts'
import { portable, type Sources } from '../sources.ts'
import { colors } from '../output/colors.ts'
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
  const secrets = createDevSecrets(folder)
  const authority = await startAuthority(loaded, secrets)
  const validator = createValidator()
  const cycle = createCycle(config, validator)
  const lookAgain = async (): Promise<boolean> => {
    const started = performance.now()
    try {
      const look = await cycle.look()
      if (look.kind === 'good') await publish(look.sources, config, authority)
      printLook(look, performance.now() - started)
      return isGood(look)
    } catch (error) {
      reportError(error)
      return false
    }
  }
  try {
    const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
    const good = await lookAgain()
    if (justOnce) {
      process.exitCode = good ? 0 : 1
      return
    }
    printStart(config)
    const watcher = watch(config, lookAgain)
    await stopped
    await watcher.close()
  } finally {
    await authority.close()
    await validator.close()
  }
}

async function startAuthority(loaded: LoadedConfig, secrets: DevSecrets): Promise<Authority> {
  const options = await authorityOptions(loaded, secrets.source)
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
    await listenFor(authority)
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

/** Looks again after each change of a file that a look reads, one look at a time. */
function watch(config: EffectiveConfig, lookAgain: () => Promise<unknown>): ReturnType<typeof chokidar.watch> {
  const { policies, schema, tests, mappings } = config
  const files = new Set([policies, schema, tests, ...(mappings === undefined ? [] : [mappings.module])])
  const isRead = (path: string): boolean => files.has(path) || (path.endsWith('.cedar') && dirname(path) === policies)
  // folders, because many editors put a new file in the place of the old one
  const folders = new Set([policies, ...[...files].map((file) => dirname(file))])
  const watcher = chokidar.watch([...folders], {
    ignoreInitial: true,
    depth: 0,
    ignored: (path, stats) => stats !== undefined && !folders.has(path) && !isRead(path),
  })
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<unknown> = Promise.resolve()
  watcher.on('all', (_event, path) => {
    if (!isRead(path)) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      looking = looking.then(lookAgain)
    }, SETTLE_MILLISECONDS)
  })
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
