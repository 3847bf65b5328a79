// `npm run chaos`: three authorities on one PostgreSQL and fifty guards, under load, while everything breaks. Not one wrong allow, no acknowledged
// write lost, recovery without a hand.

import { generateSigningKey, publicJwk } from '@cardea/token'
import { parseArgs } from 'node:util'
import { Random } from '../fuzz/random.ts'
import { startCluster } from './cluster.ts'
import { breakThings } from './faults.ts'
import { Load } from './load.ts'
import { Model } from './model.ts'
import { recover } from './recovery.ts'
import { BOUND_SECONDS, TOLERANCE_MILLISECONDS } from './setting.ts'

const HELP = `Usage: npm run chaos -- [options]

Runs three authorities on one PostgreSQL and guards in several processes, with people and administrators at work, and kills,
pauses, cuts, slows and buffers what it finds, moves clocks and refuses writes. Every allow is judged by a model of what
its guard could have known. At the end everything must work again by itself.

Options:
  --seconds N   how long things break (default: 60)
  --seed S      the same seed breaks the same things in the same order (default: by the clock)
  --guards N    how many guards (default: 50)
  --json        print one JSON object
  --help        print this

Exit code 0: no violation.
`

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'string') {
    console.error(`chaos: ${options}`)
    return 1
  }
  if (options.help) {
    process.stdout.write(HELP)
    return 0
  }
  const { seconds, seed, guards, json } = options
  const say = (text: string): void => {
    if (!json) console.log(text)
  }
  say(`seed ${seed}: three authorities, ${guards} guards, ${seconds} s`)
  const providerKey = await generateSigningKey('ES256')
  const cluster = await startCluster({ keys: [publicJwk(providerKey)] }, guards)
  try {
    const model = new Model(BOUND_SECONDS * 1000 + TOLERANCE_MILLISECONDS)
    const load = new Load(cluster, model, new Random(seed, 1), providerKey)
    await load.publish()
    await cluster.startGuards()
    say('all are up')
    const stop = AbortSignal.timeout(seconds * 1000)
    const progress = setInterval(() => say(summary(load)), 10_000)
    const [faults] = await Promise.all([breakThings(cluster, new Random(seed, 2), stop), load.run(stop)])
    clearInterval(progress)
    say('everything is whole again; what is left?')
    const problems = [...load.tally.violations, ...load.signIns.violations, ...(await recover(cluster, load, model))]
    return conclude({ seed, seconds, faults, load, problems, json })
  } finally {
    await cluster.close()
  }
}

function summary({ tally, signIns }: Load): string {
  const { asked, allowed, denied, withdrawn, unanswered, written, failedWrites, violations } = tally
  const found = violations.length + signIns.violations.length
  return [
    `${asked} asked, ${allowed} allowed, ${denied} denied (${withdrawn} of them withdrawn), ${unanswered} unanswered`,
    `${written} writes, ${failedWrites} failed`,
    `${signIns.refreshed} refreshed, ${signIns.reused} reused`,
    `${found} violations`,
  ].join('; ')
}

interface Outcome {
  readonly seed: number
  readonly seconds: number
  readonly faults: ReadonlyMap<string, number>
  readonly load: Load
  readonly problems: readonly string[]
  readonly json: boolean
}

function conclude({ seed, seconds, faults, load, problems, json }: Outcome): number {
  const { reasons, violations: _violations, ...counts } = load.tally
  const { refreshed, reused } = load.signIns
  if (json) {
    const found = {
      seed,
      seconds,
      ...counts,
      refreshed,
      reused,
      reasons: Object.fromEntries(reasons),
      faults: Object.fromEntries(faults),
    }
    console.log(JSON.stringify({ ...found, violations: problems }))
  } else {
    for (const [name, count] of faults) console.log(`fault      ${name}: ${count}`)
    for (const [reason, count] of reasons) console.log(`answer     ${reason}: ${count}`)
    for (const problem of problems) console.log(`VIOLATION  ${problem}`)
    console.log(summary(load))
    console.log(`seed ${seed}, violations: ${problems.length}`)
  }
  return problems.length === 0 ? 0 : 1
}

interface Options {
  readonly seconds: number
  readonly seed: number
  readonly guards: number
  readonly json: boolean
  readonly help: boolean
}

function readOptions(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seconds: { type: 'string', default: '60' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        guards: { type: 'string', default: '50' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    const [seconds, seed, guards] = [Number(values.seconds), Number(values.seed), Number(values.guards)]
    const isWhole = [seconds, seed, guards].every((value) => Number.isSafeInteger(value) && value >= 0)
    if (!isWhole || guards === 0) return '`--seconds`, `--seed` and `--guards` take whole numbers'
    return { ...values, seconds, seed, guards }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
