// `cardea keys`: the signing keys and their states; rotation without a restart, a kill that takes effect at once, another encryption key.

import { Command, Option } from 'commander'
import { z } from 'zod'
import { connect } from '../authority-client.ts'
import { loadConfig } from '../config/load-config.ts'
import { counted } from '../output/counted.ts'
import { formatTable } from '../output/table.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
  /** Of `rotate`. */
  readonly use?: string
  readonly now?: boolean
  /** Of `kill`. */
  readonly outage?: boolean
}

const keyList = z.looseObject({
  keys: z.array(
    z.looseObject({
      kid: z.string(),
      use: z.string(),
      algorithm: z.string(),
      state: z.string(),
      since: z.union([z.string(), z.number()]).nullish(),
    }),
  ),
})

const rotation = z.looseObject({ knownForSeconds: z.number() })
const ROTATED = 'rotated: the pending key signs now'
const resealing = z.looseObject({ resealed: z.number() })

export function command(): Command {
  const keys = new Command().description('Lists, rotates and kills signing keys.')
  add(keys.command('list').description('list the keys and their states'), async (options) => {
    const authority = await connect(await loadConfig({ file: options.config }))
    const answer = await authority.send(keyList, 'GET', '/v1/keys')
    if (options.json === true) return JSON.stringify(answer, null, 2)
    const rows = answer.keys.map((key) => [key.kid, key.use, key.algorithm, key.state, String(key.since ?? '')])
    return formatTable(['kid', 'use', 'algorithm', 'state', 'since'], rows)
  })
  const rotate = keys
    .command('rotate')
    .description('sign with the pending key; the old one still verifies')
    .addOption(new Option('--use <use>', 'what the key signs').choices(['access', 'bundle', 'audit']).default('access'))
    .option('--now', 'even if some verifiers may not have the pending key yet')
  add(rotate, async (options) => {
    const authority = await connect(await loadConfig({ file: options.config }))
    const answer = await authority.send(rotation, 'POST', '/v1/keys/rotate', {
      body: { purpose: options.use, now: options.now === true },
    })
    if (options.json === true) return JSON.stringify(answer, null, 2)
    const known = answer.knownForSeconds
    if (options.use !== 'access' || options.now !== true) return ROTATED
    return `${ROTATED}\nit was published ${counted(known, 'seconds')} ago: a service that is no guard and keeps a key set for longer refuses its tokens until it fetches again`
  })
  add(
    keys.command('reseal').description('encrypt stored private keys with the present encryption key'),
    async (options) => {
      const authority = await connect(await loadConfig({ file: options.config }))
      const answer = await authority.send(resealing, 'POST', '/v1/keys/reseal', { body: {} })
      if (options.json === true) return JSON.stringify(answer, null, 2)
      return `sealed ${counted(answer.resealed, 'keys')} anew`
    },
  )
  keys
    .command('kill <kid>')
    .description('refuse everything that this key ever signed, at once')
    .option('--outage', 'even if nothing can be signed afterwards for a while')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (kid: string, options: Options) => {
      const authority = await connect(await loadConfig({ file: options.config }))
      const answer = await authority.send(z.unknown(), 'POST', `/v1/keys/${encodeURIComponent(kid)}/kill`, {
        body: { outage: options.outage === true },
      })
      console.log(options.json === true ? JSON.stringify(answer ?? null, null, 2) : `killed ${kid}`)
    })
  return keys
}

function add(command: Command, run: (options: Options) => Promise<string>): void {
  command
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (options: Options) => console.log(await run(options)))
}
