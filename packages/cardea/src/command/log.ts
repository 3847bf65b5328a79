// `cardea log`: decisions as they came in, and denials grouped by cause: an attack and a misconfiguration look different.

import { Command } from 'commander'
import { z } from 'zod'
import { connect } from '../authority-client.ts'
import { loadConfig } from '../config/load-config.ts'
import { parseTime } from '../input/parse-time.ts'
import { wholeNumber } from '../input/whole-number.ts'
import { colors } from '../output/colors.ts'
import { formatTable } from '../output/table.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
  readonly denied?: boolean
  readonly since?: string
  readonly limit: number
}

const text = z.string().nullish()

const logAnswer = z.looseObject({
  records: z.array(
    z.looseObject({
      at: z.string(),
      decision: z.string(),
      reason: z.string(),
      action: text,
      principal: text,
      resource: text,
      service: text,
      correlation: text,
      policies: z.array(z.string()).default([]),
      decider: text,
      mismatches: z.array(z.string()).nullish(),
      breakGlass: text,
      note: text,
      repeats: z.number().nullish(),
      lost: z.number().nullish(),
    }),
  ),
  groups: z.array(
    z.looseObject({ reason: z.string(), action: text, policies: z.array(z.string()).default([]), count: z.number() }),
  ),
})

export function command(): Command {
  return new Command()
    .description('Shows decisions; with --denied, denials grouped by cause.')
    .option('--denied', 'only denials, grouped by cause')
    .option('--since <time>', 'only since this moment: 2026-01-01T12:00:00Z, or 30m, 8h, 7d ago')
    .option('--limit <n>', 'at most this many records', wholeNumber, 50)
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const authority = await connect(await loadConfig({ file: options.config }))
      const query = new URLSearchParams({ limit: String(options.limit) })
      if (options.denied === true) query.set('denied', 'true')
      if (options.since !== undefined) query.set('since', parseTime(options.since, 'ago').toISOString())
      const answer = await authority.send(logAnswer, 'GET', `/v1/log?${query.toString()}`)
      console.log(options.json === true ? JSON.stringify(answer, null, 2) : format(answer, options.denied === true))
    })
}

function format({ records, groups }: z.output<typeof logAnswer>, denied: boolean): string {
  const { bold } = colors()
  const lines = formatTable(
    ['time', 'decision', 'reason', 'action', 'principal', 'resource', 'because', 'correlation'],
    records.map((record) => [
      record.at,
      record.decision,
      reasonOf(record),
      record.action ?? '',
      record.principal ?? '',
      record.resource ?? '',
      record.policies.join(', '),
      record.correlation ?? '',
    ]),
  )
  if (!denied) return lines
  const causes = formatTable(
    ['count', 'reason', 'action', 'because'],
    groups.map((group) => [String(group.count), group.reason, group.action ?? '', group.policies.join(', ')]),
  )
  return `${bold('denials by cause')}\n${causes}\n\n${bold('latest')}\n${lines}`
}

/** With what let it be so: what the action's decider said, what of the token's binding did not fit, break-glass and why it was made; and how many others it stands for. */
function reasonOf({
  reason,
  decider,
  mismatches,
  breakGlass,
  note,
  repeats,
  lost,
}: z.output<typeof logAnswer>['records'][number]): string {
  const notes = [
    ...(typeof decider === 'string' ? [`decider: ${decider}`] : []),
    ...(mismatches ?? []).map((kind) => `${kind} mismatch`),
    ...(typeof breakGlass === 'string' ? [`break-glass ${breakGlass}`] : []),
    ...(typeof note === 'string' ? [`"${note}"`] : []),
    ...(typeof lost === 'number' ? [`${lost}`] : []),
    ...(typeof repeats === 'number' ? [`${repeats + 1} times`] : []),
  ]
  return notes.length === 0 ? reason : `${reason} (${notes.join(', ')})`
}
