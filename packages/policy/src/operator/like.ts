// `text like "pattern"`. The text before the first wildcard must begin it, the text after the last must end it, and those
// between must follow each other without overlap: taking each at its first place is enough, so nothing is tried twice.

import type { Fault, Like, PatternPart } from '../syntax/tree.ts'
import { isFault, typeFault } from './fault.ts'
import type { Operator } from './operator.ts'
import { finish } from './strict.ts'
import { BOOL, hasType } from './type-of.ts'

export const likeOperator: Operator<Like> = {
  compile(node, compile) {
    const operand = compile(node.of)
    const matches = compilePattern(node.pattern)
    const fault = likeFault(node)
    return (evaluation) => {
      const value = operand(evaluation)
      if (typeof value === 'string') return matches(value)
      return isFault(value) ? value : fault
    }
  },
  residual(node, partial) {
    const of = partial.residual(node.of)
    return finish({ ...node, of }, [of], partial)
  },
  typeOf: () => BOOL,
  neverErrs: ({ of }, prove) => hasType(of, 'String', prove) && prove.neverErrs(of),
}

export function likeFault(node: Like): Fault {
  return typeFault('the left side of `like` is not a String', node)
}

/** A matcher in linear time for patterns with few runs: each run is searched once, from the end of the one before. */
export function compilePattern(pattern: readonly PatternPart[]): (text: string) => boolean {
  const runs = literalRuns(pattern)
  const first = runs[0] ?? ''
  if (runs.length === 1) return (text) => text === first
  const last = runs.at(-1) ?? ''
  const middle = runs.slice(1, -1).filter((run) => run !== '')
  return (text) => {
    const end = text.length - last.length
    if (!text.startsWith(first) || !text.endsWith(last)) return false
    let from = first.length
    for (const run of middle) {
      const at = text.indexOf(run, from)
      if (at === -1) return false
      from = at + run.length
    }
    return from <= end
  }
}

/** The literal text between wildcards: always one run more than there are wildcards. */
function literalRuns(pattern: readonly PatternPart[]): string[] {
  const runs = ['']
  for (const part of pattern) {
    if (part.kind === 'wildcard') runs.push('')
    else runs[runs.length - 1] += part.text
  }
  return runs
}
