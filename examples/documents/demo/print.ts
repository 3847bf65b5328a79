// How the tour looks: what was tried, the answer, the reason, what would change it, the time. Colour on a terminal, plain text
// otherwise.

import picocolors from 'picocolors'
import { isatty } from 'node:tty'
import type { DecisionEvent } from '@cardea/guard'
import { type Answer, jsonOf } from './http.ts'

const { bold, dim, green, red, yellow, cyan } = picocolors.createColors(
  isatty(1) && process.env['NO_COLOR'] === undefined,
)

/** What a step prints and checks through. A check that fails makes the tour fail. */
export interface Show {
  /** A line of plain explanation. */
  say(text: string): void
  /** A request and its answer; `expected` is the status it must have, `reason` what the log must say of it. */
  answer(tried: string, answer: Answer, expected: number, reason?: string): void
  /** Something that must be so. */
  check(what: string, holds: boolean): void
  /** The step cannot be taken on this machine, and why; no failure. */
  skip(reason: string): void
  /** A figure worth seeing. */
  figure(what: string, value: string): void
  /** Text of several lines, set off. */
  block(text: string): void
}

export interface Report extends Show {
  readonly failures: number
  /** Steps. */
  readonly skipped: number
}

/** `decisions` is the service's log; an answer names its record by a correlation id. */
export function createReport(decisions: readonly DecisionEvent[]): Report {
  let failures = 0
  let skipped = 0
  const verdict = (holds: boolean): string => {
    if (!holds) failures += 1
    return holds ? green('ok  ') : red('FAIL')
  }
  return {
    get failures() {
      return failures
    },
    get skipped() {
      return skipped
    },
    skip(reason) {
      skipped += 1
      console.log(`  ${yellow('skip')} ${reason}`)
    },
    say: (text) => console.log(`  ${dim(text)}`),
    check: (what, holds) => console.log(`  ${verdict(holds)} ${what}`),
    figure: (what, value) => console.log(`       ${what}: ${bold(value)}`),
    block: (text) => console.log(text.replaceAll(/^/gm, '       ')),
    answer(tried, answer, expected, reason) {
      const problem = problemOf(answer)
      const logged = decisions.findLast(
        (event) => event.decision === 'deny' && event.correlation === problem.correlation,
      )
      const said = logged?.reason ?? problem.code ?? ''
      const holds = answer.status === expected && (reason === undefined || said === reason)
      const wanted = holds ? '' : red(` (wanted ${expected} ${reason ?? ''})`)
      const time = dim(`${answer.milliseconds.toFixed(1)} ms`)
      console.log(`  ${verdict(holds)} ${tried} ${cyan('->')} ${bold(String(answer.status))} ${said}${wanted}  ${time}`)
      if (problem.line !== undefined) console.log(`       ${yellow('because')} ${problem.line}`)
      if (problem.change !== undefined) console.log(`       ${yellow('would change it')} ${problem.change}`)
    },
  }
}

export function title(number: number, text: string): void {
  console.log(`\n${bold(`${number}. ${text}`)}`)
}

export function line(text: string): void {
  console.log(text)
}

interface ShownProblem {
  readonly code: string | undefined
  readonly correlation: string | undefined
  readonly line: string | undefined
  readonly change: string | undefined
}

function problemOf(answer: Answer): ShownProblem {
  const body = jsonOf(answer)
  const explanation = field(body, 'explanation')
  return {
    code: text(field(body, 'code')),
    correlation: text(field(body, 'correlation')),
    line: text(field(explanation, 'line')),
    change: text(field(explanation, 'change')),
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
