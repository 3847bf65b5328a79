// `npm run bench -- [NAME ...]`: runs ours and its peers, prints times, ratios and what must be reached.

import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { findOpa } from '../tools/opa.ts'
import { benchActions } from './actions/actions.ts'
import { AUTHORITY_BENCH, benchAuthority } from './authority/authority.ts'
import { benchDecide, type DecideOptions } from './decide/decide.ts'
import { SUBJECTS, type SubjectName } from './decide/subjects.ts'
import { benchDev } from './dev/dev.ts'
import { benchFeed, FEED_BENCH } from './feed/feed.ts'
import { judge, printGoals } from './goals.ts'
import { benchGrants, GRANTS_BENCH } from './grants/grants.ts'
import { BUSY, QUIET } from './harness.ts'
import { benchLoad } from './load/load.ts'
import { markdownOf } from './markdown.ts'
import { benchOpa, OPA_BENCH } from './opa/opa.ts'
import { environment, type Figure, type Report, type Results, type Row, type Unmeasured } from './report.ts'
import { benchSize } from './size/size.ts'
import { printFigures, printTable } from './table.ts'
import { benchTypes } from './types/types.ts'

interface BenchOptions extends DecideOptions {
  readonly database: string | undefined
}

/** In this order without names: what has run in a process before makes `decide` up to a fifth slower, hand-written `if`s not. */
const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<Results>>> = {
  decide: benchDecide,
  actions: benchActions,
  dev: benchDev,
  load: benchLoad,
  size: benchSize,
  types: benchTypes,
  authority: ({ database }) => benchAuthority({ ...AUTHORITY_BENCH, database }),
  grants: ({ measuring }) => benchGrants({ ...GRANTS_BENCH, measuring }),
  feed: ({ database, measuring }) => benchFeed({ ...FEED_BENCH, database, measuring }),
  opa: async ({ measuring }) => benchOpa({ ...OPA_BENCH, measuring }, await findOpa()),
}

/** Those that the goals speak of. */
const GOAL_BENCHES = ['decide', 'dev', 'load', 'size', 'authority', 'feed']

const HELP = `usage: npm run bench -- [NAME ...] [--size N,...] [--only SUBJECT,...] [--busy] [--database URL] [--goals] [--json FILE]
       npm run bench -- --markdown FILE

NAME is one of: ${Object.keys(BENCHES).join(', ')}; without a name all of them run, in about ten minutes.
A ratio is a subject's time over its peer's, both measured in this run. Below 1 the subject is faster.

  --size N         of decide: only the reference workload, at these numbers of policies
  --only SUBJECT   of decide: only these of ${SUBJECTS.join(', ')}
  --busy           for a machine with other work: many short rounds, which hide the cost of collecting garbage; load counts core time
  --database URL   an empty PostgreSQL database, which keeps what is written: of authority, in place of a server that it starts; of feed, in
                   place of a SQLite file
  --goals          everything that a goal speaks of: ${GOAL_BENCHES.join(', ')}
  --json FILE      also writes everything as JSON
  --markdown FILE  runs nothing; prints the tables of bench/README.md from such a file
  --help           prints this`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    busy: { type: 'boolean', default: false },
    database: { type: 'string' },
    goals: { type: 'boolean', default: false },
    json: { type: 'string' },
    markdown: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(HELP)
else if (values.markdown !== undefined)
  console.log(markdownOf(JSON.parse(await readFile(values.markdown, 'utf8')) as Report))
else await run()

async function run(): Promise<void> {
  // `--size 10 1000` leaves the 1000 among the names, and `--only codegen closures` the closures
  const isSize = (word: string): boolean => /^\d+$/.test(word)
  const named = positionals.filter((word) => !isSize(word) && !isSubject(word))
  const options: BenchOptions = {
    sizes: listOf([...(values.size ?? []), ...positionals.filter(isSize)])?.map(Number),
    only: listOf([...(values.only ?? []), ...positionals.filter(isSubject)])?.map(subjectNamed),
    measuring: values.busy ? BUSY : QUIET,
    database: values.database,
  }
  const names = new Set([...named, ...(values.goals ? GOAL_BENCHES : [])])
  const environmentBefore = environment()
  const rows: Row[] = []
  const figures: Figure[] = []
  const unmeasured: Unmeasured[] = []
  for (const name of names.size === 0 ? Object.keys(BENCHES) : names) {
    const results = await benchNamed(name)(options)
    rows.push(...(results.rows ?? []))
    figures.push(...(results.figures ?? []))
    unmeasured.push(...(results.unmeasured ?? []))
  }
  const goals = judge({ rows, figures, unmeasured })
  const report: Report = { environment: environmentBefore, rows, figures, goals, unmeasured }
  printTable(report.rows, unmeasured)
  printFigures(report.figures)
  printGoals(report.goals)
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
  for (const { bench, case: name, subject, reason } of unmeasured) {
    console.error(`NOT MEASURED: ${bench} / ${name} / ${subject}: ${reason}`)
  }
  // at once: what cleans up after a PostgreSQL would end the process with 0
  if (unmeasured.length > 0) process.exit(1)
}

function listOf(words: readonly string[]): readonly string[] | undefined {
  return words.length === 0 ? undefined : words.flatMap((word) => word.split(','))
}

function benchNamed(name: string): (options: BenchOptions) => Promise<Results> {
  return BENCHES[name] ?? refuse(`no benchmark named ${name}; there are: ${Object.keys(BENCHES).join(', ')}`)
}

function isSubject(word: string): boolean {
  return SUBJECTS.some((name) => name === word)
}

function subjectNamed(word: string): SubjectName {
  return SUBJECTS.find((name) => name === word) ?? refuse(`no subject named ${word}; there are: ${SUBJECTS.join(', ')}`)
}

function refuse(message: string): never {
  console.error(message)
  process.exit(1)
}
