// Parity: the same policies and requests by our engine and by a backend in another language. `npm run parity -- --help`.

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findOpa } from '../../tools/opa.ts'
import { type Case, loadCases } from '../case.ts'
import { makeScenario, questionsOf } from '../fuzz/scenario.ts'
import { createSchemaReader } from '../schema.ts'
import { createComparison } from './comparison.ts'
import type { RegoEngine } from './engine.ts'
import { startOpaServer } from './opa-server.ts'
import { createOpaWasm } from './opa-wasm.ts'

const HELP = `Usage: npm run parity -- --target opa [options]

Decides the published Cedar cases, and then random scenarios, by our engine and by Rego made of the same
policies, in a stock OPA and in WebAssembly, and compares decision, determining policies and erring
policies under both rules for an erring forbid. Requests that fit a schema are also asked as documents,
the way a service asks; those that do not fit must be refused.

Options:
  --target opa     what is compared with; there is no other yet
  --seconds N      how long (default 60); the published cases take half of it at most, or all of it alone
  --seed S         an integer (default: the time, which is printed)
  --engines LIST   opa,wasm by default
  --cases LIST     published, generated, or both with a comma (default)
  --json           print one JSON object
  --help           print this

Without an \`opa\` on the PATH and without Go to build one it says so and ends with 0: nothing was compared.
Exit code 0: all agree in at least one answer. 1: a disagreement, or nothing to compare.
`

const PUBLISHED = ['handwritten.json', 'examples.json', 'cases.jsonl.gz', 'operators.jsonl.gz']
const BATCH = 200
/** Of the time of a run, for what was published. */
const PUBLISHED_SHARE = 0.5
/** More than this share of scenarios without exact Rego would leave too much untested. */
const REFUSED_SHARE = 0.1

interface Options {
  readonly seconds: number
  readonly seed: number
  readonly engines: readonly string[]
  readonly cases: readonly string[]
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
    console.error(`parity: ${options}`)
    return 1
  }
  const opa = await findOpa()
  if ('missing' in opa) {
    console.log(`parity: skipped, nothing was compared: ${opa.missing}`)
    return 0
  }
  const engines: RegoEngine[] = []
  if (options.engines.includes('opa')) engines.push(await startOpaServer(opa.command))
  if (options.engines.includes('wasm')) engines.push(createOpaWasm(opa.command))
  try {
    return await compare(options, engines)
  } finally {
    for (const engine of engines) await engine.close()
  }
}

async function compare(options: Options, engines: readonly RegoEngine[]): Promise<number> {
  const { seconds, seed, cases, json } = options
  const started = performance.now()
  const elapsed = (): number => (performance.now() - started) / 1000
  const comparison = createComparison(engines, createSchemaReader())
  const { tally, disagreements } = comparison
  const say = (line: string): void => {
    if (!json) console.log(line)
  }
  if (cases.includes('published')) {
    // when there is not time for all of them, other ones come first with another seed
    const end = cases.includes('generated') ? seconds * PUBLISHED_SHARE : seconds
    const batches = await publishedBatches()
    const first = Math.abs(seed) % batches.length
    let done = 0
    for (const batch of [...batches.slice(first), ...batches.slice(0, first)]) {
      if (elapsed() > end) break
      await comparison.run(batch)
      done += 1
    }
    say(
      `published: ${done} of ${batches.length} batches, ${tally.cases} cases, ${tally.answers} answers, ${Math.round(elapsed())} s`,
    )
  }
  let scenarios = 0
  const refusedBefore = tally.refused
  while (cases.includes('generated') && elapsed() < seconds && disagreements.length === 0) {
    await comparison.run(Array.from({ length: BATCH }, () => generated(seed, scenarios++)))
    if (scenarios % (BATCH * 20) === 0)
      say(`${scenarios} scenarios, ${tally.answers} answers, ${Math.round(elapsed())} s`)
  }
  const refused = tally.refused - refusedBefore
  const passed = disagreements.length === 0 && tally.answers > 0 && refused <= Math.max(scenarios, 1) * REFUSED_SHARE
  if (json) {
    console.log(JSON.stringify({ seed, seconds: elapsed(), scenarios, ...tally, disagreements, passed }))
    return passed ? 0 : 1
  }
  for (const text of disagreements.slice(0, 10)) console.log(`DISAGREEMENT ${text}`)
  console.log(`engines: ${engines.map(({ name }) => name).join(', ')}, under both rules for an erring forbid`)
  console.log(`${tally.cases} cases and scenarios, ${tally.refused} more with a policy that has no exact Rego`)
  console.log(
    `${tally.answers} answers, ${tally.documents} of them about documents (${tally.unfit} unfit ones); ${tally.allowed} allow, ${tally.erring} have an error`,
  )
  console.log(`seed ${seed}, ${Math.round(elapsed())} s, ${disagreements.length} disagreements`)
  return passed ? 0 : 1
}

async function publishedBatches(): Promise<readonly (readonly Case[])[]> {
  const files = await Promise.all(PUBLISHED.map((file) => loadCases(join(import.meta.dirname, '..', 'cedar', file))))
  return files.flatMap((published) =>
    Array.from({ length: Math.ceil(published.length / BATCH) }, (_, index) =>
      published.slice(index * BATCH, (index + 1) * BATCH),
    ),
  )
}

/** A scenario as a case that nobody has answered: our own engine, which has its own judges, is what Rego is compared with. */
function generated(seed: number, number: number): Case {
  const scenario = makeScenario(seed, number)
  const unanswered = { decision: 'deny', reason: [], errors: [] } as const
  return { ...questionsOf(scenario), requests: scenario.requests.map((request) => ({ ...request, ...unanswered })) }
}

function readOptions(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        target: { type: 'string' },
        seconds: { type: 'string', default: '60' },
        seed: { type: 'string', default: Date.now().toString() },
        engines: { type: 'string', default: 'opa,wasm' },
        cases: { type: 'string', default: 'published,generated' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return 'help'
    if (values.target !== 'opa') return 'name what to compare with: --target opa'
    const [seconds, seed] = [Number(values.seconds), Number(values.seed)]
    if (!(seconds > 0)) return '--seconds takes a number above 0'
    if (!Number.isSafeInteger(seed)) return '--seed takes an integer'
    const engines = listOf(values.engines, ['opa', 'wasm'])
    const cases = listOf(values.cases, ['published', 'generated'])
    if (engines === undefined) return '--engines takes opa, wasm, or both with a comma'
    if (cases === undefined) return '--cases takes published, generated, or both with a comma'
    return { seconds, seed, engines, cases, json: values.json }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function listOf(text: string, allowed: readonly string[]): readonly string[] | undefined {
  const names = text.split(',')
  return names.every((name) => allowed.includes(name)) ? names : undefined
}
