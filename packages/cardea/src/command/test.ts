// `cardea test`: the test matrix as a table, and the policies that no test would miss.

import { type Cell, createWorld, parseMatrix, runMatrix, undeterminedPolicies } from '@cardea/testkit'
import { Command } from 'commander'
import { checkedDefinition } from '../check-everything.ts'
import { loadConfig } from '../config/load-config.ts'
import type { EffectiveConfig } from '../config/config-schema.ts'
import { CommandError } from '../errors.ts'
import { colors } from '../output/colors.ts'
import { formatTable } from '../output/table.ts'
import { loadSource, loadSources } from '../sources.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
  readonly strict?: boolean
  readonly through?: string
  readonly entrypoint?: string
  readonly input?: string
  readonly action?: readonly string[]
}

interface Outcome {
  readonly cells: readonly Cell[]
  /** Policies that determined no cell. */
  readonly undetermined: readonly string[]
}

export function command(): Command {
  return new Command()
    .description(
      'Runs the test matrix. Exits 1 if a cell is not as expected; with --through if an OPA answers one otherwise than the policies do.',
    )
    .option('-c, --config <file>', 'the configuration file')
    .option('--strict', 'also fail if a policy determined no cell')
    .option('--json', 'print the cells as JSON')
    .option(
      '--through <opa>',
      'ask an OPA too and show where it differs: http://127.0.0.1:8181/v1/data/app/allow, or a bundle of `opa build -t wasm`',
    )
    .option('--entrypoint <rule>', 'with a bundle of several rules, the one that is asked: app/allow')
    .option('--input <module>', 'a module whose `input` makes what the OPA is asked, as the guard is given it')
    .option('--action <name...>', 'with --through, only these actions')
    .action(async (options: Options) => {
      const { config } = await loadConfig({ file: options.config })
      const { through, ...how } = options
      if (through === undefined) checkUnused(how)
      const outcome = await testPolicies(config)
      if (through !== undefined) {
        const { testThrough } = await import('../through/test-through.ts')
        process.exitCode = await testThrough(outcome.cells, { ...how, through })
        return
      }
      if (options.json === true) console.log(JSON.stringify(asJson(outcome), null, 2))
      else printOutcome(outcome)
      const failed = outcome.cells.some((cell) => !cell.passed)
      process.exitCode = failed || (options.strict === true && outcome.undetermined.length > 0) ? 1 : 0
    })
}

/** An option that is silently not applied would compare something else than was meant. */
function checkUnused({ entrypoint, input, action }: Options): void {
  if (entrypoint === undefined && input === undefined && action === undefined) return
  throw new CommandError('ERR_COMMAND_USAGE', '`--entrypoint`, `--input` and `--action` go with `--through`')
}

/** @throws CommandError, TestkitError, PolicyError when there is something to mend before tests can run */
async function testPolicies(config: EffectiveConfig): Promise<Outcome> {
  const sources = await loadSources(config)
  const matrix = await loadSource(config.tests)
  const schema = await checkedDefinition(sources, {})
  const world = createWorld({ schema, policies: sources.policies, forbidErrors: config.forbidErrors })
  const cells = runMatrix(world, parseMatrix(matrix.text, matrix.file))
  return { cells, undetermined: undeterminedPolicies(world.policies, cells) }
}

function printOutcome({ cells, undetermined }: Outcome): void {
  const { green, red, yellow } = colors()
  const rows = cells.map((cell) => [
    cell.passed ? 'ok' : 'FAIL',
    cell.as,
    cell.in.join('+'),
    cell.action,
    cell.on,
    cell.decision.decision,
    cell.decision.determining.join(', ') || '(no permit)',
    cell.passed
      ? ''
      : `expected ${cell.expected.decision}${cell.expected.because === undefined ? '' : ` because ${cell.expected.because}`}`,
  ])
  const [headings = '', ...lines] = formatTable(
    ['', 'as', 'in', 'action', 'on', 'decision', 'because', ''],
    rows,
  ).split('\n')
  console.log(headings)
  lines.forEach((line, at) => console.log(cells[at]?.passed === true ? line : red(line)))
  const failed = cells.filter((cell) => !cell.passed).length
  const sum = `${cells.length - failed} passed, ${failed} failed`
  console.log(failed > 0 ? red(`\n${sum}`) : green(`\n${sum}`))
  if (undetermined.length > 0) console.log(yellow(`no test is determined by: ${undetermined.join(', ')}`))
}

function asJson({ cells, undetermined }: Outcome): unknown {
  return {
    passed: cells.filter((cell) => cell.passed).length,
    failed: cells.filter((cell) => !cell.passed).length,
    undetermined,
    cells: cells.map(({ key, expected, decision, passed }) => ({
      key,
      expected,
      decision: decision.decision,
      determining: decision.determining,
      passed,
    })),
  }
}
