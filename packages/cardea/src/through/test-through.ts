// `cardea test --through`: the cells that an OPA answers otherwise than the policies do, what only the OPA allows first.

import type { Decision } from '@cardea/policy'
import { type Cell, compareThrough, type ThroughCell, type ThroughDifference } from '@cardea/testkit'
import { CommandError } from '../errors.ts'
import { colors } from '../output/colors.ts'
import { formatTable } from '../output/table.ts'
import { loadDecider, type ThroughOptions } from './load-decider.ts'

export interface Options extends ThroughOptions {
  readonly json?: boolean
  readonly action?: readonly string[]
}

/**
 * Prints, and answers the exit code: 0 only if every cell was answered, and alike. @throws CommandError ERR_COMMAND_USAGE when there is no cell
 * to ask
 */
export async function testThrough(all: readonly Cell[], options: Options): Promise<0 | 1> {
  const cells = cellsOf(all, options.action)
  const difference = await compareThrough(cells, await loadDecider(options))
  const silent = isSilent(difference)
  if (options.json === true) console.log(JSON.stringify(asJson(options.through, difference, silent), null, 2))
  else print(difference, silent)
  const { onlyThrough, onlyPolicies, unanswered } = difference
  return silent || onlyThrough.length + onlyPolicies.length + unanswered.length > 0 ? 1 : 0
}

function cellsOf(all: readonly Cell[], actions: readonly string[] | undefined): readonly Cell[] {
  const missing = actions?.find((action) => !all.some((cell) => cell.action === action))
  if (missing === undefined) return actions === undefined ? all : all.filter(({ action }) => actions.includes(action))
  throw new CommandError('ERR_COMMAND_USAGE', `no cell of the matrix asks for the action \`${missing}\``)
}

/** Rego that says nothing at all is not the Rego that was meant, whatever the policies say. */
function isSilent({ onlyThrough, onlyPolicies, unanswered, same }: ThroughDifference): boolean {
  const answered = [...onlyThrough, ...onlyPolicies, ...same]
  return answered.length > 0 && unanswered.length === 0 && answered.every(({ through }) => isUndefined(through))
}

function isUndefined({ errors }: Decision): boolean {
  return errors.some(({ code }) => code === 'ERR_OPA_UNDEFINED')
}

function print(difference: ThroughDifference, silent: boolean): void {
  const { onlyThrough, onlyPolicies, unanswered, same } = difference
  const { bold, green, red, yellow } = colors()
  section(red(bold('allowed only through the OPA')), onlyThrough)
  section(yellow(bold('allowed only by the policies')), onlyPolicies)
  section(red(bold('not answered')), unanswered)
  const count = onlyThrough.length + onlyPolicies.length
  const sum = `${same.length} alike, ${onlyThrough.length} allowed only through the OPA, ${onlyPolicies.length} allowed only by the policies`
  const rest = unanswered.length === 0 ? '' : `, ${unanswered.length} not answered`
  console.log(count + unanswered.length === 0 && !silent ? green(sum) : red(sum + rest))
  if (silent)
    console.log(red('the OPA says nothing of any cell (ERR_OPA_UNDEFINED): is it the right rule, and is it loaded?'))
}

function section(title: string, cells: readonly ThroughCell[]): void {
  if (cells.length === 0) return
  const rows = cells.map(({ cell, through }) => [
    cell.as,
    cell.in.join('+'),
    cell.action,
    cell.on,
    said(cell.decision),
    said(through),
    expectationOf(cell),
  ])
  const headings = ['as', 'in', 'action', 'on', 'policies', 'OPA', 'expected']
  console.log(`${title}\n${formatTable(headings, rows)}\n`)
}

/** `allow (owner-edits)`, `deny (ERR_OPA_TIMEOUT)`. */
function said({ decision, determining, errors }: Decision): string {
  const why = determining.length > 0 ? determining : errors.map(({ code }) => code)
  return why.length === 0 ? decision : `${decision} (${why.join(', ')})`
}

function expectationOf({ expected: { decision, because } }: Cell): string {
  return because === undefined ? decision : `${decision} because ${because}`
}

function asJson(through: string, difference: ThroughDifference, silent: boolean): unknown {
  const { onlyThrough, onlyPolicies, unanswered, same } = difference
  return {
    through,
    same: same.length,
    undefined: silent,
    onlyThrough: onlyThrough.map(cellAsJson),
    onlyPolicies: onlyPolicies.map(cellAsJson),
    unanswered: unanswered.map(cellAsJson),
  }
}

function cellAsJson({ cell, through }: ThroughCell): unknown {
  const { key, expected, decision } = cell
  return {
    key,
    expected,
    policies: { decision: decision.decision, determining: decision.determining },
    through: {
      decision: through.decision,
      determining: through.determining,
      errors: through.errors.map(({ policy, code }) => ({ policy, code })),
    },
  }
}
