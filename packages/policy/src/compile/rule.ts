// A policy as it is decided on. What it costs to make is paid when it is first looked at: most of ten thousand policies never are.

import { foldConstants } from '../operator/partial.ts'
import { asCondition } from '../operator/logic.ts'
import type { Binary, Effect, Expression, Policy, Unary } from '../syntax/tree.ts'
import type { Test, TestCompiler } from './test.ts'

export class Rule {
  readonly policy: Policy
  /** Its place among the policies. */
  readonly order: number
  /** Its own id, as decisions name what determined them. */
  readonly ids: readonly [string]
  readonly #compiler: TestCompiler
  #condition: Expression | undefined
  #test: Test | undefined | null = null

  constructor(policy: Policy, order: number, compiler: TestCompiler) {
    this.policy = policy
    this.order = order
    this.ids = [policy.id]
    this.#compiler = compiler
  }

  get id(): string {
    return this.policy.id
  }

  get effect(): Effect {
    return this.policy.effect
  }

  /** What its `when` and `unless` say together, with constants computed. */
  get condition(): Expression {
    this.#condition ??= asCondition(foldConstants(conditionOf(this.policy)))
    return this.#condition
  }

  /** The compiled condition; `undefined` when it always holds. */
  get test(): Test | undefined {
    if (this.#test === null) this.#test = testOf(this.condition, this.#compiler)
    return this.#test
  }
}

/** The compiled condition; `undefined` for `true`. */
export function testOf(condition: Expression, compiler: TestCompiler): Test | undefined {
  return condition.kind === 'literal' && condition.value === true ? undefined : compiler.compile(condition)
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
