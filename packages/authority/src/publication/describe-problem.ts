// A problem in a policy as the API shows it: the place counted from one, and the code frame.

import { type Problem, positionOf } from '@cardea/policy'
import { formatProblem } from '@cardea/policy/print'
import type { SourceText } from '../store/records.ts'

export interface DescribedProblem {
  readonly severity: Problem['severity']
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** As `cardea check` prints it, without colour. */
  readonly frame: string
}

export function describeProblem(problem: Problem, sources: readonly SourceText[]): DescribedProblem {
  const { severity, code, message, hint, span } = problem
  const texts = new Map(sources.map(({ file, text }) => [file, text]))
  return {
    severity,
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(span === undefined ? {} : { file: span.file, ...positionOf(texts.get(span.file) ?? '', span.start) }),
    frame: formatProblem(problem, texts, { color: false }),
  }
}
