// What a look found, the dangerous things first: what is newly allowed, then what is newly denied, then tests that fail. Warnings are
// not among it: they come after.

import type { Cell } from '@cardea/testkit'
import { colors } from '../output/colors.ts'
import { printProblems } from '../output/print-problems.ts'
import { reportError } from '../output/report-error.ts'
import type { Look } from './cycle.ts'

/** `cardea test` names them all. */
const MAXIMUM_NAMED = 10

export function printLook(look: Look, milliseconds: number): void {
  const { dim, green, red, yellow } = colors()
  const took = dim(`(${milliseconds.toFixed(0)} ms)`)
  if (look.kind === 'broken') {
    printProblems(look.sources, look.problems, look.policies)
    console.log(`${red('not published')}: the last good policies stay ${took}`)
    return
  }
  if (look.testsError !== undefined) {
    reportError(look.testsError)
    console.log(`${yellow('published without tests')} ${took}`)
    return
  }
  for (const cell of look.flips.newlyAllows) console.log(`${red('newly allows')} ${describe(cell)}`)
  for (const cell of look.flips.newlyDenies) console.log(`${yellow('newly denies')} ${describe(cell)}`)
  const failed = look.cells.filter((cell) => !cell.passed)
  for (const cell of failed) console.log(`${red('test fails')}   ${describe(cell)}, expected ${cell.expected.decision}`)
  if (look.undetermined.length > 0) {
    const more = look.undetermined.length - MAXIMUM_NAMED
    const named = look.undetermined.slice(0, MAXIMUM_NAMED).join(', ')
    console.log(yellow(`no test is determined by: ${named}${more > 0 ? ` and ${more} more` : ''}`))
  }
  const passed = look.cells.length - failed.length
  const sum = `${passed} passed, ${failed.length} failed`
  console.log(`${failed.length === 0 ? green(sum) : red(sum)} ${took}`)
}

/** Whether a script may go on: published, and every test as expected. */
export function isGood(look: Look): boolean {
  return look.kind === 'good' && look.testsError === undefined && look.cells.every((cell) => cell.passed)
}

function describe({ key, decision }: Cell): string {
  const because = decision.determining.length === 0 ? 'no permit' : decision.determining.join(', ')
  return `${key}: ${decision.decision} because ${because}`
}
