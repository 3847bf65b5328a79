// A condition that can be run, and what makes one.

import type { Evaluation } from '../operator/evaluation.ts'
import type { Expression, Fault } from '../syntax/tree.ts'

/** A compiled condition: it holds, does not hold, or errs. */
export type Test = (evaluation: Evaluation) => boolean | Fault

export interface TestCompiler {
  /** Compiles an expression that must be a Bool; anything else is a fault. */
  compile(condition: Expression): Test
}
