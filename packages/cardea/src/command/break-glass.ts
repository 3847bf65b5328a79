// `cardea break-glass`: guards that hear nothing may go on for a while, on purpose, and everybody can see it afterwards.

import { rename, writeFile } from 'node:fs/promises'
import type { BreakGlassRequest } from '@cardea/authority'
import { type BreakGlass, decodeBreakGlass, openBreakGlass } from '@cardea/feed'
import { createLocalKeys, type JsonWebKeySet } from '@cardea/token'
import { Command } from 'commander'
import { describeBreakGlass, formatBreakGlass } from '../break-glass/describe-break-glass.ts'
import { issueLocally, issueOverHttp } from '../break-glass/issue-break-glass.ts'
import { loadConfig } from '../config/load-config.ts'
import { CommandError } from '../errors.ts'
import { parseDuration } from '../input/parse-duration.ts'
import { readJson } from '../input/read-json.ts'
import { loadSource, shortName } from '../sources.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
  readonly audience?: string
  readonly for?: string
  readonly maxStale?: string
  readonly reason?: string
  readonly action?: readonly string[]
  readonly client?: readonly string[]
  readonly out?: string
  readonly local?: boolean
  /** Of `inspect`. */
  readonly keys?: string
}

const DEFAULT_OUT = 'break-glass.jws'

export function command(): Command {
  const breakGlass = new Command()
    // an option after a subcommand is the subcommand's
    .enablePositionalOptions()
    .description(
      'Makes a signed statement that lets the guards of an audience decide on older news than their actions accept, for a while. Put it where their `breakGlassFile` points.',
    )
    .option('--audience <audience>', 'whose guards may use it')
    .option('--for <time>', 'how long it counts: 30m, 2h, at most 1d')
    .option('--max-stale <time>', 'how old the news may be: 30m, 2h, at most 1d')
    .option('--reason <text>', 'why, for who reads the audit')
    .option('--action <names...>', 'only for these actions')
    .option('--client <ids...>', 'only for these guards')
    .option('--out <file>', `where it is written (default ${DEFAULT_OUT}; with --json nowhere)`)
    .option('--local', 'open the database of the configuration itself, while no authority runs')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const request = requestOf(options)
      const loaded = await loadConfig({ file: options.config })
      const issue = options.local === true ? issueLocally : issueOverHttp
      const signed = await issue(loaded, request)
      const out = options.out ?? (options.json === true ? undefined : DEFAULT_OUT)
      if (out !== undefined) await writeWhole(out, `${signed}\n`)
      const statement = decodeBreakGlass(signed)
      if (options.json !== true) return console.log(format(statement, out ?? ''))
      console.log(JSON.stringify({ ...describeBreakGlass(statement), file: out ?? null, statement: signed }, null, 2))
    })
  breakGlass
    .command('inspect <file>')
    .description('show what a statement says; with --keys, whether it is signed by one of them')
    .option('--keys <file>', 'the pinned keys that sign bundles, as JSON')
    .option('--json', 'print JSON')
    .action(async (file: string, { json, keys }: Options) => {
      const signed = (await loadSource(file, 'command line')).text.trim()
      const statement = keys === undefined ? decodeBreakGlass(signed) : await verify(signed, keys)
      const isVerified = keys !== undefined
      if (json === true)
        console.log(JSON.stringify({ ...describeBreakGlass(statement), verified: isVerified }, null, 2))
      else console.log(`${formatBreakGlass(statement, now())}\n${isVerified ? VERIFIED : NOT_VERIFIED}`)
    })
  return breakGlass
}

/** @throws CommandError ERR_COMMAND_USAGE */
function requestOf({ audience, for: life, maxStale, reason, action, client }: Options): BreakGlassRequest {
  if (audience === undefined || life === undefined || maxStale === undefined || reason === undefined) {
    throw new CommandError('ERR_COMMAND_USAGE', 'say for whom, how long, how old the news may be, and why', {
      hint: 'cardea break-glass --audience A --for 2h --max-stale 1h --reason "..."',
    })
  }
  return {
    audience,
    forSeconds: secondsOf('--for', life),
    maxStaleSeconds: secondsOf('--max-stale', maxStale),
    reason,
    ...(action === undefined ? {} : { actions: [...action] }),
    ...(client === undefined ? {} : { clients: [...client] }),
  }
}

const DAY_SECONDS = 86_400

function secondsOf(option: string, text: string): number {
  const seconds = parseDuration(text) ?? 0
  if (seconds > 0 && seconds <= DAY_SECONDS) return seconds
  throw new CommandError('ERR_COMMAND_USAGE', `\`${option} ${text}\` is no length of time up to a day`, {
    hint: 'write 90s, 30m or 2h; when it ends, make another',
  })
}

/** A guard that looks meanwhile finds the one before or this one. Others may read it: it is no secret. */
async function writeWhole(path: string, text: string): Promise<void> {
  const next = `${path}.new`
  try {
    await writeFile(next, text, { mode: 0o644 })
    await rename(next, path)
  } catch (cause) {
    throw new CommandError('ERR_COMMAND_FILE', `\`${shortName(path)}\` cannot be written`, {
      hint: 'name a file in a folder that is there with --out, or print the statement with --json',
      cause,
    })
  }
}

function format(statement: BreakGlass, out: string): string {
  return `${formatBreakGlass(statement, now())}
wrote ${shortName(out)}: put it where the \`breakGlassFile\` of the guards points, owned by root or their user, mode 644
take it away when the authority is back; \`cardea log\` names it in every decision that needed it`
}

const VERIFIED = 'signed by one of the keys'
const NOT_VERIFIED = 'NOT VERIFIED: give --keys FILE, what the authority answers at `/v1/bundle-keys`'

/** @throws FeedError ERR_FEED_BREAK_GLASS_SIGNATURE, ERR_FEED_BREAK_GLASS_FORMAT */
async function verify(signed: string, keys: string): Promise<BreakGlass> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key room reads every member itself
  return openBreakGlass(signed, createLocalKeys((await readJson(keys)) as JsonWebKeySet))
}

function now(): number {
  return Date.now() / 1000
}
