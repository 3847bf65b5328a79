// How a condition becomes something that can be run. Closures are the default: no code is made, so they run wherever JavaScript
// does. `@cardea/policy/codegen` has the fast one. Both mean the same on every input.

import { isFault, typeFault } from '../operator/fault.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import type { Evaluate } from '../operator/operator.ts'
import { compileExpression, proofOf } from '../operator/table.ts'
import { NOTHING_DECLARED } from '../operator/prove.ts'
import { isBoolean } from '../operator/type-of.ts'
import type { Expression } from '../syntax/tree.ts'
import type { Entry } from './entry.ts'
import type { Tally } from './tally.ts'
import type { Test, TestCompiler } from './test.ts'

export interface Evaluator extends TestCompiler {
  readonly name: string
  /** Compiles the conditions of several policies to one function; `undefined` when they are better run one by one. */
  compileAll?(entries: readonly Entry[]): RunAll | undefined
}

/** Counts all policies that hold or err. */
export type RunAll = (evaluation: Evaluation, tally: Tally) => void

export const closures: Evaluator = Object.freeze({
  name: 'closures',
  compile(condition: Expression): Test {
    const evaluate = compileExpression(condition)
    if (isProven(evaluate, condition)) return evaluate
    const type = typeFault('a condition is not a Bool', condition)
    return (evaluation) => {
      const result = evaluate(evaluation)
      return typeof result === 'boolean' || isFault(result) ? result : type
    }
  },
})

const PROOF = proofOf(NOTHING_DECLARED)

/** What can only be a Bool, or err, needs no check that it is. */
function isProven(_evaluate: Evaluate, condition: Expression): _evaluate is Test {
  return isBoolean(condition, PROOF)
}
