// A policy as it is decided on: its conditions as one closure, with constants already computed.

import { isFault, typeFault } from '../operator/fault.ts'
import { foldConstants } from '../operator/partial.ts'
import { asCondition } from '../operator/logic.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import { compileExpression } from '../operator/table.ts'
import type { Binary, Effect, Expression, Fault, Policy, Unary } from '../syntax/tree.ts'

/** A compiled condition: it holds, does not hold, or errs. */
export type Test = (evaluation: Evaluation) => boolean | Fault

export interface Rule {
  readonly id: string
  readonly effect: Effect
  readonly policy: Policy
  /** What its `when` and `unless` say together. */
  readonly condition: Expression
  /** The compiled condition; `undefined` when it always holds. */
  readonly test: Test | undefined
  /** What a decision notes when it holds: made once, so that noting costs nothing. */
  readonly hit: Hit
  readonly hits: readonly Hit[]
}

/** A policy that determined a decision: its id, or those of its links. */
export interface Hit {
  /** Its place among the policies. */
  readonly order: number
  readonly ids: readonly string[]
}

export function compileRule(policy: Policy, order: number): Rule {
  const condition = asCondition(foldConstants(conditionOf(policy)))
  const hit = Object.freeze({ order, ids: Object.freeze([policy.id]) })
  return {
    id: policy.id,
    effect: policy.effect,
    policy,
    condition,
    test: compileTest(condition),
    hit,
    hits: Object.freeze([hit]),
  }
}

/** The closure of an expression that must be a Bool; `undefined` for `true`. */
export function compileTest(condition: Expression): Test | undefined {
  if (condition.kind === 'literal' && condition.value === true) return undefined
  const evaluate = compileExpression(condition)
  const type = typeFault('a condition is not a Bool', condition)
  return (evaluation) => {
    const result = evaluate(evaluation)
    return typeof result === 'boolean' || isFault(result) ? result : type
  }
}

/** One test of several, in order: the first that does not hold, or errs, is the answer. */
export function allOf(tests: readonly (Test | undefined)[]): Test | undefined {
  const present = tests.filter((test) => test !== undefined)
  const [first, second, ...rest] = present
  if (first === undefined || second === undefined) return first
  if (rest.length > 0) return allOf([first, allOf([second, ...rest])])
  return (evaluation) => {
    const result = first(evaluation)
    return result === true ? second(evaluation) : result
  }
}

/** `when a unless b when c` as `a && !b && c`; `true` when there are no conditions. */
function conditionOf({ conditions, span }: Policy): Expression {
  const parts = conditions.map(({ kind, body, span }): Expression => {
    const negated: Unary = { kind: 'not', operand: body, span }
    return kind === 'when' ? body : negated
  })
  const [first, ...rest] = parts
  if (first === undefined) return { kind: 'literal', value: true, span }
  return rest.reduce((left, right): Binary => ({ kind: 'and', left, right, span }), first)
}
