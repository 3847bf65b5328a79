// Problems as code frames, then one line that sums up.

import { formatProblem, type Problem } from '@cardea/policy'
import type { Sources } from '../sources.ts'
import { colors } from './colors.ts'

export function printProblems(sources: Sources, problems: readonly Problem[], policies: number): void {
  const { green, red, yellow } = colors()
  const texts = new Map([sources.schema, ...sources.policies].map((source) => [source.file, source.text]))
  const color = process.stdout.isTTY
  for (const problem of problems) {
    console.log(`${formatProblem(problem, texts.get(problem.span?.file ?? '') ?? '', { color })}\n`)
  }
  const errors = problems.filter((problem) => problem.severity === 'error').length
  const warnings = problems.length - errors
  const sum = `${policies} policies in ${sources.policies.length} files: ${errors} errors, ${warnings} warnings`
  console.log(errors > 0 ? red(sum) : warnings > 0 ? yellow(sum) : green(sum))
}
