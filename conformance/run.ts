// Runs case files through our parser and evaluator: `npm run conformance -- FILE...`. Exit 0 only if there were cases and
// all passed.

import { parseArgs } from 'node:util'
import { CaseFileError, loadCases } from './case.ts'
import { checkCase, type Outcome } from './check-case.ts'
import { createSchemaReader, type SchemaReader } from './schema.ts'

const HELP = `Usage: npm run conformance -- [options] FILE...

Runs Cedar case files through Cardea's parser and evaluator. A file is JSON lines, a list or one case,
plain or gzipped; conformance/README.md states the format.

Counted is one unit for each request (decision, determining and erroring policies must all agree)
and one for each case that holds Cedar's JSON of its policies.

Options:
  --show N   print the first N failures (default 10)
  --help     print this

Exit code 0: there were units and all passed. 1: a failure, no unit at all, or a file that cannot be read.
`

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const options = readArguments(args)
  if (typeof options === 'string') return fail(options)
  if (options.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (options.files.length === 0) return fail('no case file is named; see --help')
  const readSchema = createSchemaReader()
  try {
    const outcomes: Outcome[] = []
    for (const file of options.files) {
      const ofFile = await runFile(file, readSchema)
      report(file, ofFile, options.show)
      outcomes.push(...ofFile)
    }
    return conclude(outcomes)
  } catch (error) {
    if (error instanceof CaseFileError) return fail(error.message)
    throw error
  }
}

function readArguments(args: readonly string[]): { help: boolean; show: number; files: readonly string[] } | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', default: false }, show: { type: 'string', default: '10' } },
      allowPositionals: true,
    })
    const show = Number(values.show)
    if (!Number.isSafeInteger(show) || show < 0) return '--show takes a number of failures'
    return { help: values.help, show, files: positionals }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function runFile(file: string, readSchema: SchemaReader): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const item of await loadCases(file)) {
    outcomes.push(...checkCase(item, readSchema))
  }
  return outcomes
}

function report(file: string, outcomes: readonly Outcome[], show: number): void {
  const failures = outcomes.filter(({ failure }) => failure !== undefined)
  for (const { case: id, unit, failure } of failures.slice(0, show)) {
    console.log(
      `FAILED ${file} case ${id}, ${unit}\n  expected ${short(failure?.expected)}\n  got      ${short(failure?.got)}`,
    )
  }
  if (failures.length > show) console.log(`... and ${failures.length - show} more failures`)
  const json = outcomes.filter(({ unit }) => unit === 'json').length
  console.log(`${file}: ${outcomes.length - json} decisions, ${json} JSON policies, ${failures.length} failed`)
}

function short(text = ''): string {
  return text.length <= 600 ? text : `${text.slice(0, 600)}... (${text.length} characters)`
}

function conclude(outcomes: readonly Outcome[]): number {
  const failed = outcomes.filter(({ failure }) => failure !== undefined).length
  console.log(`${outcomes.length - failed} passed, ${failed} failed`)
  if (outcomes.length === 0) return fail('the files hold no cases')
  return failed === 0 ? 0 : 1
}

function fail(message: string): 1 {
  console.error(`conformance: ${message}`)
  return 1
}
