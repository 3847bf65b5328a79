// Conditions as generated code: several times faster than closures, for where `new Function` is allowed (no edge runtime, no
// content security policy without `unsafe-eval`). Given explicitly: `compileProgram(policies, { evaluator: codegen })`.
// INVARIANT: the code is made of our own words alone. Whatever a policy says is a constant that the code is given.

import { closures } from '../compile/evaluator.ts'
import type { Entry } from '../compile/entry.ts'
import type { Evaluator, RunAll } from '../compile/evaluator.ts'
import type { Test } from '../compile/test.ts'
import { typeFault } from '../operator/fault.ts'
import type { Expression } from '../syntax/tree.ts'
import { createEmitter } from './emitter.ts'
import type { Emitted, Emitter, Operand } from './emitter.ts'
import { helpers } from './helpers.ts'
import type { Helpers } from './helpers.ts'
import { requireBool } from './logic.ts'
import { emitExpression } from './table.ts'

/** Means what `closures` means, on every input. What is too large to be code is a closure. */
export const codegen: Evaluator = Object.freeze({
  name: 'codegen',
  compile(condition: Expression): Test {
    const emitter = createEmitter()
    const result = emitCondition(condition, emitter)
    emitter.line(`return ${result.code};`)
    return build(emitter.finish('e')) ?? closures.compile(condition)
  },
  compileAll(entries: readonly Entry[]): RunAll | undefined {
    if (entries.length > MOST_TOGETHER || !entries.every((entry) => entry.isConditionOnly)) return undefined
    let label = ''
    const emitter = createEmitter((fault) => `{ h.count(tally, ${label}, ${fault}); break ${label}p; }`)
    for (const [at, entry] of entries.entries()) {
      label = `p${at}`
      emitter.line(`const ${label} = ${emitter.constant(entry.hit)};`)
      emitter.line(`${label}p: {`)
      const result = emitCondition(entry.rule.condition, emitter)
      emitter.line(`if (${result.code}) h.count(tally, ${label}, true);`)
      emitter.line('}')
    }
    return build(emitter.finish('e, tally'))
  },
})

/** V8 does not optimise a function much longer than this. */
const LONGEST_CODE = 60_000
/** More policies than these are better called one by one: those of equal shape then share their code. */
const MOST_TOGETHER = 16
/** Shapes that are kept. Policies of equal shape share their code, which is compiled and optimised once for all of them. */
const MOST_SHAPES = 2_000

/** What is made is what was emitted: a test, or several policies at once. */
type Factory = (h: Helpers, constants: readonly unknown[]) => Test & RunAll

const factories = new Map<string, Factory>()

function emitCondition(condition: Expression, emitter: Emitter): Operand {
  const result = emitExpression(condition, emitter)
  requireBool(result, typeFault('a condition is not a Bool', condition), emitter)
  return result
}

/** `undefined` when the code is too long. */
function build({ code, constants }: Emitted): (Test & RunAll) | undefined {
  if (code.length > LONGEST_CODE) return undefined
  return factoryOf(code)(helpers, constants)
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
