// `cardea audit`: whether the records of decisions are all there and as they were kept; a copy of them; and what the law asks to be forgotten.

import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { verifyAudit } from '@cardea/feed'
import { createLocalKeys, type JsonWebKeySet } from '@cardea/token'
import { Command } from 'commander'
import { z } from 'zod'
import { fileLines, jsonLines } from '../audit/audit-lines.ts'
import { formatReport } from '../audit/format-report.ts'
import { authorityUrl, answerOf, connect, request } from '../authority-client.ts'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { CommandError } from '../errors.ts'
import { readJson } from '../input/read-json.ts'
import { counted } from '../output/counted.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
  readonly keys?: string
  readonly output?: string
  readonly tenant?: string
}

const EXPORT = '/v1/audit'

export function command(): Command {
  const audit = new Command().description('Verifies, exports and erases the records of decisions.')
  audit
    .command('verify [file]')
    .description('find what was changed, left out, put in or cut off; exits 1 when anything was')
    .option(
      '--keys <file>',
      'the keys of checkpoints, had before over a way that you trust; those that the authority names without it',
    )
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (file: string | undefined, options: Options) => {
      const loaded = await loadConfig({ file: options.config })
      const report = await verifyAudit(file === undefined ? await liveLines(loaded) : fileLines(file), {
        keys: createLocalKeys(await checkpointKeys(loaded, options.keys)),
        issuer: loaded.config.authority.url.replace(/\/$/, ''),
        now: () => Math.floor(Date.now() / 1000),
      })
      console.log(options.json === true ? JSON.stringify(report, null, 2) : formatReport(report))
      if (report.findings.length > 0) process.exitCode = 1
    })
  audit
    .command('export')
    .description('write every record that is kept, as `audit verify` reads it')
    .option('-o, --output <file>', 'write it there, readable by its owner only; to standard output without it')
    .option('-c, --config <file>', 'the configuration file')
    .action(async (options: Options) => {
      const authority = await connect(await loadConfig({ file: options.config }))
      const bytes = Readable.fromWeb(await authority.stream(EXPORT))
      if (options.output === undefined) for await (const chunk of bytes) process.stdout.write(chunk)
      else await pipeline(bytes, createWriteStream(options.output, { mode: 0o600, flags: 'wx' })).catch(cannotWrite)
    })
  audit
    .command('erase <entity>')
    .description('take a person out of the records: what was decided stays, and the chain still verifies')
    .requiredOption('--tenant <tenant>', 'whose person it is')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (entity: string, options: Options) => {
      const authority = await connect(await loadConfig({ file: options.config }))
      const body = { tenant: options.tenant, entity }
      const answer = await authority.send(z.looseObject({ records: z.number() }), 'POST', `${EXPORT}/erase`, { body })
      const said = `erased from ${counted(answer.records, 'records')}`
      console.log(options.json === true ? JSON.stringify(answer, null, 2) : said)
    })
  return audit
}

async function liveLines(loaded: LoadedConfig): Promise<AsyncIterable<unknown>> {
  const authority = await connect(loaded)
  return jsonLines(Readable.fromWeb(await authority.stream(EXPORT)))
}

async function checkpointKeys(loaded: LoadedConfig, file: string | undefined): Promise<JsonWebKeySet> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key room reads every member itself
  if (file !== undefined) return (await readJson(file)) as JsonWebKeySet
  return answerOf(await request(`${authorityUrl(loaded)}/v1/audit-keys`, {}), keySet)
}

const keySet = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) })

function cannotWrite(cause: unknown): never {
  throw new CommandError('ERR_COMMAND_FILE', 'the export could not be written', {
    hint: 'it writes over nothing: name a file that is not there yet, in a folder that is',
    cause,
  })
}
