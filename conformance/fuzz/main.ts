// `npm run fuzz`: all judges over random scenarios until the time is up or they disagree.

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { EVALUATORS } from '../engine.ts'
import { FOUND_FILE } from './found.ts'
import { emptyTally, type Tally } from './fuzzer.ts'
import type { Found, ThreadOptions, ThreadResult } from './thread.ts'

const HELP = `Usage: npm run fuzz -- [options]

Decides random requests by cedar-wasm and by every evaluator of ours, under both rules for an erring
forbid, and compares decision, determining policies and erring policies. The same seed makes the same
scenarios; how many depends on the time.

Options:
  --seconds N   how long (default 60)
  --seed S      an integer (default: the time, which is printed)
  --threads N   how many (default: one a core)
  --json        print one JSON object
  --help        print this

On a disagreement: prints it, shrinks it, and adds it to conformance/cedar/found.jsonl.
Exit code 0: all judges agree in all of at least one decision. 1: a disagreement, no decisions, or
more than one scenario in a hundred that Cedar refuses.
`

/** So many scenarios may be refused by Cedar, and by us alike, before the generator is not worth its name. */
const REFUSED_SHARE = 0.01

interface Options {
  readonly seconds: number
  readonly seed: number
  readonly threads: number
  readonly json: boolean
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (options === 'help') {
    process.stdout.write(HELP)
    return 0
  }
  if (typeof options === 'string') {
    console.error(`fuzz: ${options}`)
    return 1
  }
  const started = performance.now()
  const results = await runThreads(options)
  const seconds = (performance.now() - started) / 1000
  const tally = results.reduce((sum, result) => added(sum, result.tally), emptyTally())
  const crashes = results.reduce((sum, result) => sum + result.crashes, 0)
  const found = results.flatMap((result) => result.found ?? [])
  report(options, seconds, tally, crashes, found)
  const { decisions, refused, scenarios } = tally
  return found.length === 0 && decisions > 0 && refused <= scenarios * REFUSED_SHARE ? 0 : 1
}

function readOptions(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seconds: { type: 'string', default: '60' },
        seed: { type: 'string', default: Date.now().toString() },
        threads: { type: 'string', default: availableParallelism().toString() },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return 'help'
    const [seconds, seed, threads] = [values.seconds, values.seed, values.threads].map(Number)
    if (seconds === undefined || !(seconds > 0)) return '--seconds takes a number above 0'
    if (!Number.isSafeInteger(seed) || seed === undefined) return '--seed takes an integer'
    if (!Number.isSafeInteger(threads) || threads === undefined || threads < 1)
      return '--threads takes a number above 0'
    return { seconds, seed, threads, json: values.json }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function runThreads({ seconds, seed, threads }: Options): Promise<readonly ThreadResult[]> {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  return Promise.all(
    Array.from({ length: threads }, (_, first) =>
      runWorker({ seed, seconds, first, step: threads, stop, file: FOUND_FILE }),
    ),
  )
}

function runWorker(workerData: ThreadOptions): Promise<ThreadResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('thread.ts', import.meta.url), { workerData })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

function added(left: Tally, right: Tally): Tally {
  const sum = { ...left }
  for (const name of Object.keys(sum) as (keyof Tally)[]) sum[name] += right[name]
  return sum
}

function report(
  { seed, json, threads }: Options,
  seconds: number,
  tally: Tally,
  crashes: number,
  found: readonly Found[],
): void {
  const rate = Math.round(tally.decisions / seconds)
  const judges = ['cedar-wasm', ...EVALUATORS.map(({ name }) => name)]
  if (json) {
    console.log(JSON.stringify({ seed, seconds, threads, judges, ...tally, rate, crashes, disagreements: found }))
    return
  }
  const share = (count: number): string => `${Math.round((100 * count) / Math.max(tally.decisions, 1))} %`
  console.log(`judges: ${judges.join(', ')}, under both rules for an erring forbid`)
  console.log(
    `${tally.decisions} decisions in ${tally.scenarios} scenarios, ${Math.round(seconds)} s, ${threads} threads`,
  )
  console.log(
    `${share(tally.allowed)} allowed, ${share(tally.forbidden)} forbidden, ${share(tally.erring)} with an error, ${share(tally.changed)} denied only for an erring forbid`,
  )
  if (tally.refused > 0) console.log(`${tally.refused} scenarios refused by Cedar`)
  if (crashes > 0) console.log(`cedar-wasm threw ${crashes} times`)
  for (const { text, policies, isSaved } of found) {
    console.log(`DISAGREEMENT ${text}\n${policies.join('\n')}`)
    console.log(isSaved ? `saved in ${FOUND_FILE}` : 'not saved: Cedar has no answer to save')
  }
  console.log(`seed ${seed}, ${rate} decisions a second, ${found.length} disagreements`)
}
