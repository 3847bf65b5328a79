// Where the stages of the parser put what they find: problems with places, up to a bound.

import type { PolicyErrorCode } from '../errors.ts'
import type { Problem } from '../problem.ts'
import type { SyntaxLimits } from './limits.ts'
import type { Span } from './tree.ts'
import { visible } from './visible.ts'

export type SyntaxCode = Extract<PolicyErrorCode, `ERR_POLICY_SYNTAX_${string}`>

/** A stretch of the text, in UTF-16 offsets. */
export interface Range {
  readonly start: number
  readonly end: number
}

export interface Reporter {
  readonly problems: readonly Problem[]
  /** True once as many problems were found as are collected; the stages then stop. */
  readonly full: boolean
  report(code: SyntaxCode, message: string, range: Range, help?: Help): void
  /** Forgets what was reported: the text is read again. */
  clear(): void
  span(range: Range): Span
}

/** What a problem says beyond its message. */
export interface Help {
  readonly hint?: string | undefined
  /** What stands at the place. */
  readonly label?: string
  /** Other places that explain it. */
  readonly also?: readonly (readonly [Range, string])[]
  /** What the text becomes at `at`, or else at the place itself. */
  readonly edit?: string | undefined
  readonly at?: Range
}

/** Help for a slip of the finger: the nearest of the names, or else what there is to say without one. */
export function meant(near: string | undefined, otherwise?: string): Help {
  return near === undefined ? { hint: otherwise } : { hint: `did you mean \`${near}\`?`, edit: near }
}

export function createReporter(file: string, limits: SyntaxLimits): Reporter {
  const problems: Problem[] = []
  let full = false
  const span = ({ start, end }: Range): Span => ({ file, start, end })
  const add = (code: SyntaxCode, message: string, range: Range, help: Help): void => {
    const { hint, label, also, edit, at = range } = help
    problems.push({
      severity: 'error',
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      span: span(range),
      ...(label === undefined ? {} : { label }),
      ...(also === undefined ? {} : { labels: also.map(([range, message]) => ({ span: span(range), message })) }),
      ...(edit === undefined ? {} : { suggestion: { span: span(at), text: edit } }),
    })
  }
  return {
    problems,
    get full() {
      return full
    },
    report(code, message, range, help = {}) {
      if (full) return
      full = problems.length >= limits.problems
      if (full)
        add(
          'ERR_POLICY_SYNTAX_LIMIT_PROBLEMS',
          `more than ${limits.problems} problems; the rest is not shown`,
          range,
          {},
        )
      else add(code, message, range, help)
    },
    clear() {
      problems.length = 0
      full = false
    },
    span,
  }
}

/** Source text for a message: one line, at most forty characters, nothing that could act on a terminal. */
export function quoted(text: string): string {
  const characters = Array.from(text.slice(0, 2 * LONGEST_QUOTE))
  const isWhole = characters.length <= LONGEST_QUOTE && text.length <= 2 * LONGEST_QUOTE
  return `\`${visible(isWhole ? text : `${characters.slice(0, LONGEST_QUOTE - 1).join('')}…`)}\``
}

const LONGEST_QUOTE = 40
