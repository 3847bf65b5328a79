// Problems as code frames, then one line that sums up; or as data for scripts.

import { positionOf, type Problem } from '@cardea/policy'
import { countProblems, formatProblem } from '@cardea/policy/print'
import type { Sources } from '../sources.ts'
import { colors } from './colors.ts'
import { counted } from './counted.ts'

/** Each as a code frame. */
export function printFindings(sources: Sources, problems: readonly Problem[]): void {
  const { isColorSupported: color } = colors()
  const texts = textsOf(sources)
  for (const problem of problems) console.log(`${formatProblem(problem, texts, { color })}\n`)
}

export function printProblems(sources: Sources, problems: readonly Problem[], policies: number): void {
  const { green, red, yellow } = colors()
  printFindings(sources, problems)
  const isRefused = problems.some(({ severity }) => severity === 'error')
  const paint = isRefused ? red : problems.length > 0 ? yellow : green
  const files = sources.policies.length
  console.log(
    paint(`${counted(policies, 'policies', 'policy')} in ${counted(files, 'files')}: ${countProblems(problems)}`),
  )
}

/** With line and column, counted from 1, so that a script needs no source text. */
export function describeProblems(sources: Sources, problems: readonly Problem[]): readonly object[] {
  const texts = textsOf(sources)
  return problems.map(({ span, ...problem }) => {
    if (span === undefined) return problem
    return { ...problem, file: span.file, ...positionOf(texts.get(span.file) ?? '', span.start), span }
  })
}

function textsOf({ schema, policies }: Sources): ReadonlyMap<string, string> {
  return new Map([schema, ...policies].map(({ file, text }) => [file, text]))
}
