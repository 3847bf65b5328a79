// How a condition becomes something that can be run. Closures are the default: no code is made, so they run wherever JavaScript
// does. `@cardea/policy/codegen` has the fast one. Both mean the same on every input.

import { isFault, typeFault } from '../operator/fault.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import { compileExpression } from '../operator/table.ts'
import type { Expression, Fault } from '../syntax/tree.ts'

/** A compiled condition: it holds, does not hold, or errs. */
export type Test = (evaluation: Evaluation) => boolean | Fault

export interface Evaluator {
  readonly name: string
  /** Compiles an expression that must be a Bool; anything else is a fault. */
  compile(condition: Expression): Test
}

export const closures: Evaluator = Object.freeze({
  name: 'closures',
  compile(condition: Expression): Test {
    const evaluate = compileExpression(condition)
    const type = typeFault('a condition is not a Bool', condition)
    return (evaluation) => {
      const result = evaluate(evaluation)
      return typeof result === 'boolean' || isFault(result) ? result : type
    }
  },
})
