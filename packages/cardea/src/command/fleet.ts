// `cardea fleet`: the guards that follow the authority and the OPAs that report to it, and how far each has come.

import { setTimeout as wait } from 'node:timers/promises'
import { Command } from 'commander'
import { z } from 'zod'
import { type AuthorityClient, connect } from '../authority-client.ts'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { CommandError } from '../errors.ts'
import { colors } from '../output/colors.ts'
import { counted } from '../output/counted.ts'
import { formatDuration } from '../output/duration.ts'
import { reportError } from '../output/report-error.ts'
import { formatTable } from '../output/table.ts'
import { formatOpas, opaShape } from './fleet-opas.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
  readonly watch?: boolean
}

const guardShape = z.looseObject({
  client: z.string(),
  start: z.string().nullable(),
  startedAt: z.string().nullable(),
  audience: z.string(),
  address: z.string().nullable(),
  connected: z.boolean(),
  seenSecondsAgo: z.number(),
  revision: z.number().nullable(),
  currentRevision: z.number().nullable(),
  position: z.string().nullable(),
  behind: z.number().nullable(),
  freshSeconds: z.number().nullable(),
})

const fleetAnswer = z.looseObject({
  position: z.string(),
  now: z.number(),
  guards: z.array(guardShape),
  // an older authority knows none
  opas: z.array(opaShape).optional(),
})

type FleetAnswer = z.output<typeof fleetAnswer>

const WATCH_MILLISECONDS = 2000
/** Well within the life of a token for the authority's API. */
const RECONNECT_MILLISECONDS = 60_000
const CLEAR = '\u001b[H\u001b[2J'

export function command(): Command {
  return new Command()
    .description(
      'Lists the guards that follow this authority and the OPAs that report to it, or did within the last hour: since when, what each has applied, how far it is behind, and how old its last proof is.',
    )
    .option('--watch', 'again every two seconds, until it is stopped')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON; with --watch a line each')
    .action(async (options: Options) => {
      const loaded = await loadConfig({ file: options.config })
      if (options.watch === true) await watch(loaded, options.json === true)
      const answer = await ask(await connect(loaded))
      console.log(options.json === true ? JSON.stringify(answer, null, 2) : format(answer))
    })
}

function ask(authority: AuthorityClient): Promise<FleetAnswer> {
  return authority.send(fleetAnswer, 'GET', '/v1/guards')
}

/** An authority that is away is what one watches for, so it does not end the watching. */
async function watch(loaded: LoadedConfig, json: boolean): Promise<never> {
  let authority = await connect(loaded)
  let connectedAt = performance.now()
  for (;;) {
    try {
      if (performance.now() - connectedAt > RECONNECT_MILLISECONDS) {
        authority = await connect(loaded)
        connectedAt = performance.now()
      }
      const answer = await ask(authority)
      const isScreen = process.stdout.isTTY
      console.log(json ? JSON.stringify(answer) : `${isScreen ? CLEAR : ''}${format(answer)}${isScreen ? '' : '\n'}`)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      reportError(error)
    }
    await wait(WATCH_MILLISECONDS)
  }
}

function format({ position, now, guards, opas = [] }: FleetAnswer): string {
  const { bold } = colors()
  const others = opas.length === 0 ? '' : `, ${counted(opas.length, 'OPAs')}`
  const head = `${bold('log')} ${position}, ${counted(guards.length, 'guards')}${others}`
  return [head, formatGuards(guards, now), ...(opas.length === 0 ? [] : ['', formatOpas(opas, now)])].join('\n')
}

function formatGuards(guards: FleetAnswer['guards'], now: number): string {
  const { dim } = colors()
  if (guards.length === 0) return dim('no guard was heard of since this authority started, or within the last hour')
  return formatTable(
    ['client', 'start', 'audience', 'up', 'revision', 'position', 'behind', 'fresh', 'seen', 'address'],
    guards.map((guard) => [
      guard.client,
      guard.start === null ? '' : guard.start.slice(0, 8),
      guard.audience,
      guard.startedAt === null ? '' : formatDuration(Math.max(0, now - Date.parse(guard.startedAt) / 1000)),
      revisionOf(guard),
      guard.position?.split('.').at(-1) ?? '',
      behindOf(guard),
      guard.freshSeconds === null ? (guard.start === null ? 'unknown' : 'NOT') : formatDuration(guard.freshSeconds),
      guard.connected ? 'connected' : `${formatDuration(guard.seenSecondsAgo)} ago`,
      guard.address ?? '',
    ]),
  )
}

type Guard = FleetAnswer['guards'][number]

function revisionOf({ revision, currentRevision }: Guard): string {
  if (revision === null) return ''
  return revision === currentRevision || currentRevision === null
    ? String(revision)
    : `${revision} of ${currentRevision}`
}

function behindOf({ position, behind }: Guard): string {
  if (position === null) return ''
  return behind === null ? 'other epoch' : String(behind)
}
