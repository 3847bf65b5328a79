// `npm run mutants`: plants every fault, one at a time, and lists which check of the quick suite catches it.

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { Fault } from './fault.ts'
import { FAULTS } from './faults/faults.ts'
import { baseline, type Outcome, tryFault } from './plant.ts'
import { record } from './record.ts'

const HELP = `Usage: npm run mutants -- [options]

Plants faults in the engine, one at a time and never on disk, and runs a quick suite on each. A fault
that no check notices has survived: then the suite is too weak.

Options:
  --only NAME   plant only the faults whose name holds this text
  --threads N   how many faults at a time (default: one a core)
  --json        print one JSON object
  --help        print this

Exit code 0: the suite passes without a fault, every fault could be planted, and every one is caught.
`

/** Of the processor: some ten times what the suite needs without a fault. */
const MOST_SECONDS = 90

interface Tried {
  readonly fault: Fault
  readonly outcome: Outcome
  readonly seconds: number
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'string') return fail(options)
  if (options.help) {
    process.stdout.write(HELP)
    return 0
  }
  const { only, json, threads } = options
  const faults = FAULTS.filter(({ name }) => name.includes(only))
  if (faults.length === 0) return fail('no fault has such a name')
  const recorded = await record()
  const started = performance.now()
  const problem = await baseline(recorded)
  if (problem !== undefined) return fail(`the suite fails without a fault: ${problem}`)
  const baselineSeconds = secondsSince(started)
  if (!json) console.log(`without a fault: passed in ${baselineSeconds.toFixed(1)} s`)
  const tried: Tried[] = []
  await eachOf(faults, threads, async (fault) => {
    const begun = performance.now()
    const outcome = await tryFault(fault, recorded, MOST_SECONDS)
    const one = { fault, outcome, seconds: secondsSince(begun) }
    tried.push(one)
    if (!json) console.log(lineOf(one))
  })
  return conclude(tried, json)
}

function readOptions(
  args: readonly string[],
): { only: string; threads: number; json: boolean; help: boolean } | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', default: '' },
        threads: { type: 'string', default: availableParallelism().toString() },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    const threads = Number(values.threads)
    return Number.isSafeInteger(threads) && threads > 0 ? { ...values, threads } : '--threads takes a number above 0'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Works on so many items at once. */
async function eachOf<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values()
  const walk = async (): Promise<void> => {
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: width }, walk))
}

function lineOf({ fault, outcome, seconds }: Tried): string {
  const time = `${seconds.toFixed(1)} s`
  switch (outcome.kind) {
    case 'caught':
      return `caught    ${fault.name}: ${fault.breaks} (by ${outcome.by}, ${time})`
    case 'survived':
      return `SURVIVED  ${fault.name}: ${fault.breaks} (${fault.file}, ${time})`
    case 'not-tried':
      return `NOT TRIED ${fault.name}: ${outcome.problem} (${fault.file})`
    default:
      return outcome satisfies never
  }
}

function conclude(tried: readonly Tried[], json: boolean): number {
  const count = (kind: Outcome['kind']): number => tried.filter(({ outcome }) => outcome.kind === kind).length
  const [caught, survived, notTried] = [count('caught'), count('survived'), count('not-tried')]
  if (json) {
    const list = tried.map(({ fault: { name, file, breaks }, outcome, seconds }) => ({
      name,
      file,
      breaks,
      ...outcome,
      seconds,
    }))
    console.log(JSON.stringify({ caught, survived, notTried, faults: list }))
  } else {
    for (const { outcome, ...one } of tried) if (outcome.kind !== 'caught') console.log(lineOf({ outcome, ...one }))
    console.log(`${caught} caught, ${survived} survived${notTried === 0 ? '' : `, ${notTried} not tried`}`)
  }
  return survived + notTried === 0 ? 0 : 1
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000
}

function fail(message: string): 1 {
  console.error(`mutants: ${message}`)
  return 1
}
