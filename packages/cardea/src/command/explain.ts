// `cardea explain`: why one decision is what it is, and what would change it; of a request from files, with the options of `authorize`, or
// of a cell of the project's test matrix. Exit code 0 for allow, 2 for deny, 1 for an error.

import { decide, type ForbidErrors, nearMiss } from '@cardea/policy'
import { explain, type Explanation, formatExplanation } from '@cardea/policy/explain'
import { type Cell, createWorld, parseMatrix, runMatrix } from '@cardea/testkit'
import { Command, Option } from 'commander'
import { checkedDefinition } from '../check-everything.ts'
import { loadConfig } from '../config/load-config.ts'
import { CommandError } from '../errors.ts'
import { addDecisionOptions, type DecisionOptions, loadDecision } from '../input/decision-input.ts'
import { wholeNumber } from '../input/whole-number.ts'
import { colors } from '../output/colors.ts'
import { exitCodeOf, warnOfStricter } from '../output/decision.ts'
import { loadSource, loadSources } from '../sources.ts'

interface Options extends DecisionOptions {
  readonly forbidErrors: ForbidErrors
  readonly test?: string
  readonly config?: string
  readonly limit?: number
  readonly json?: boolean
}

interface Explained {
  readonly explanation: Explanation
  /** Texts of the policies by file. */
  readonly sources: ReadonlyMap<string, string>
}

export function command(): Command {
  const described = new Command().description(
    'Explains one decision: the policies because of which, what each permit lacked and what would change it. Exits 0 (allow), 2 (deny) or 1 (error).',
  )
  const forbidErrors = new Option(
    '--forbid-errors <rule>',
    'what a forbid that errs does: Cedar skips it, a guard denies',
  )
  const test = new Option('--test <cell>', 'a cell of the test matrix, by its name or as `ann / office / plan / edit`')
  return addDecisionOptions(described, 'optional')
    .addOption(forbidErrors.choices(['skip', 'deny']).default('skip'))
    .addOption(test.conflicts(['policies', 'entities', 'requestJson', 'principal', 'action', 'resource', 'schema']))
    .option('--config <file>', 'the configuration file, for --test')
    .option('--limit <number>', 'near misses that are shown', wholeNumber)
    .option('--json', 'print the explanation as JSON')
    .action(async (options: Options) => {
      const { test: cell } = options
      const { explanation, sources } =
        cell === undefined ? await explainFiles(options) : await explainCell(cell, options)
      const color = colors().isColorSupported
      if (options.json === true) console.log(JSON.stringify(explanation, null, 2))
      else console.log(formatExplanation(explanation, { color, sources }))
      process.exitCode = exitCodeOf(explanation)
    })
}

async function explainFiles(options: Options): Promise<Explained> {
  const { source, request, compile } = await loadDecision(options)
  const sources = new Map([[source.file, source.text]])
  const explanation = explain(compile(options.forbidErrors), request, { sources, ...limitOf(options) })
  if (options.json !== true) warnOfStricter(explanation, decide(compile('deny'), request))
  return { explanation, sources }
}

/** @throws CommandError ERR_COMMAND_USAGE when no cell, or more than one, goes by the name */
async function explainCell(name: string, options: Options): Promise<Explained> {
  const { config } = await loadConfig({ file: options.config })
  const files = await loadSources(config)
  const matrix = await loadSource(config.tests)
  const schema = await checkedDefinition(files, {})
  const world = createWorld({ schema, policies: files.policies, forbidErrors: config.forbidErrors })
  const { request, decision } = cellNamed(name, runMatrix(world, parseMatrix(matrix.text, matrix.file)))
  const sources = new Map(files.policies.map(({ file, text }) => [file, text]))
  return { explanation: explain(world.program, request, { sources, decision, ...limitOf(options) }), sources }
}

function cellNamed(name: string, cells: readonly Cell[]): Cell {
  const found = cells.filter(({ key, test }) => key === name || test === name)
  const [cell, second] = found
  if (cell !== undefined && second === undefined) return cell
  if (cell !== undefined) {
    throw new CommandError('ERR_COMMAND_USAGE', `\`${name}\` has ${found.length} cells`, {
      hint: `name one of them: ${found.map(({ key }) => `\`${key}\``).join(', ')}`,
    })
  }
  const meant = nearMiss(name, new Set(cells.flatMap(({ key, test }) => [key, test])))
  throw new CommandError('ERR_COMMAND_USAGE', `the test matrix has no cell \`${name}\``, {
    hint: meant === undefined ? '`cardea test` lists them: as / in / on / action' : `did you mean \`${meant}\`?`,
  })
}

function limitOf({ limit }: Options): { readonly limit?: number } {
  return limit === undefined ? {} : { limit }
}
