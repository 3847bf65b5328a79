// Conditions as generated code: several times faster than closures, for where `new Function` is allowed (no edge runtime, no
// content security policy without `unsafe-eval`). Given explicitly: `compileProgram(policies, { evaluator: codegen })`.
// INVARIANT: the code is made of our own words alone. Whatever a policy says is a constant that the code is given.

import { closures } from '../compile/evaluator.ts'
import type { Evaluator, Test } from '../compile/evaluator.ts'
import { typeFault } from '../operator/fault.ts'
import type { Expression } from '../syntax/tree.ts'
import { createEmitter } from './emitter.ts'
import type { Emitted } from './emitter.ts'
import { helpers } from './helpers.ts'
import { requireBool } from './logic.ts'
import { emitExpression } from './table.ts'

type Factory = (h: typeof helpers, constants: readonly unknown[]) => Test

/** Means what `closures` means, on every input. What is too large to be code is a closure. */
export const codegen: Evaluator = Object.freeze({
  name: 'codegen',
  compile(condition: Expression): Test {
    const emitted = emitCondition(condition)
    if (emitted.code.length > LONGEST_CODE) return closures.compile(condition)
    return factoryOf(emitted.code)(helpers, emitted.constants)
  },
})

/** V8 does not optimise a function much longer than this. */
const LONGEST_CODE = 60_000
/** Shapes that are kept. Policies of equal shape share their code, which is compiled and optimised once for all of them. */
const MOST_SHAPES = 2_000

const factories = new Map<string, Factory>()

function emitCondition(condition: Expression): Emitted {
  const emitter = createEmitter()
  const result = emitExpression(condition, emitter)
  requireBool(result, typeFault('a condition is not a Bool', condition), emitter)
  return emitter.finish(result)
}

function factoryOf(code: string): Factory {
  const known = factories.get(code)
  if (known !== undefined) return known
  const factory = createFactory(code)
  if (factories.size >= MOST_SHAPES) factories.clear()
  factories.set(code, factory)
  return factory
}

function createFactory(code: string): Factory {
  try {
    // oxlint-disable-next-line no-new-func, typescript/no-implied-eval, typescript/no-unsafe-type-assertion -- the one place that makes code; it holds nothing but our own words
    return new Function('h', 'constants', code) as Factory
  } catch (cause) {
    throw new TypeError('code cannot be made here; leave `evaluator` out to use closures', { cause })
  }
}
