// fast-check generators of conditions about the time: instants around a given one, what is computed of them, and uses of
// `context.now` that nothing can follow.

import fc from 'fast-check'
import type { Binary, Call, Expression } from '../../src/syntax/tree.ts'
import type { Value } from '../../src/value/value.ts'
import { NOWHERE } from './expressions.ts'

const literal = (value: Value): Expression => ({ kind: 'literal', value, span: NOWHERE })
const call = (name: Call['function'], ...args: Expression[]): Expression => ({
  kind: 'call',
  function: name,
  arguments: args,
  span: NOWHERE,
})
const binary = (kind: Binary['kind'], left: Expression, right: Expression): Expression => ({
  kind,
  left,
  right,
  span: NOWHERE,
})
const context: Expression = { kind: 'variable', name: 'context', span: NOWHERE }
const resource: Expression = { kind: 'variable', name: 'resource', span: NOWHERE }
const NOW: Expression = { kind: 'attribute', of: context, name: 'now', span: NOWHERE }

/** Steps that a clock takes: a moment, seconds, hours, days. */
export const STEPS: readonly bigint[] = [0n, 1n, 999n, 1000n, 1500n, 3_600_000n, 43_200_000n, 86_400_000n, 200_000_000n]
const steps = fc.tuple(fc.constantFrom(...STEPS), fc.boolean()).map(([step, isBack]) => (isBack ? -step : step))
const lengths = fc.oneof(
  { weight: 8, arbitrary: steps },
  { weight: 1, arbitrary: fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n - 1001n) },
)
const COMPARISONS = ['less', 'lessEqual', 'greater', 'greaterEqual', 'equal', 'notEqual'] as const

type Typed = {
  readonly instant: Expression
  readonly length: Expression
  readonly bool: Expression
}

/** Bools over `context.now`, with constants around `now`, in milliseconds. */
export function timeConditions(now: bigint, others: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  const { bool } = fc.letrec<Typed>((tie) => {
    const compare = (of: 'instant' | 'length'): fc.Arbitrary<Expression> =>
      fc.tuple(fc.constantFrom(...COMPARISONS), tie(of), tie(of)).map(([kind, a, b]) => binary(kind, a, b))
    return {
      instant: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        { weight: 3, arbitrary: fc.constant(NOW) },
        { weight: 3, arbitrary: steps.map((step) => literal({ kind: 'datetime', milliseconds: now + step })) },
        { weight: 2, arbitrary: fc.tuple(tie('instant'), tie('length')).map(([a, b]) => call('offset', a, b)) },
        { weight: 1, arbitrary: tie('instant').map((a) => call('toDate', a)) },
      ),
      length: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        { weight: 3, arbitrary: lengths.map((milliseconds) => literal({ kind: 'duration', milliseconds })) },
        { weight: 2, arbitrary: fc.tuple(tie('instant'), tie('instant')).map(([a, b]) => call('durationSince', a, b)) },
        { weight: 1, arbitrary: tie('instant').map((a) => call('toTime', a)) },
      ),
      bool: fc.oneof(
        { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
        { weight: 4, arbitrary: compare('instant') },
        { weight: 4, arbitrary: compare('length') },
        { weight: 1, arbitrary: tie('length').map((a) => binary('greater', call('toHours', a), literal(1))) },
        {
          weight: 1,
          arbitrary: tie('instant').map((a) => binary('contains', { kind: 'set', elements: [NOW], span: NOWHERE }, a)),
        },
        { weight: 1, arbitrary: fc.constant(binary('equal', context, literal({ kind: 'record', fields: new Map() }))) },
        {
          weight: 1,
          arbitrary: tie('instant').map((a) =>
            binary('less', { kind: 'attribute', of: resource, name: 'made', span: NOWHERE }, a),
          ),
        },
        {
          weight: 3,
          arbitrary: fc
            .tuple(fc.constantFrom('and' as const, 'or' as const), tie('bool'), tie('bool'))
            .map(([kind, a, b]) => binary(kind, a, b)),
        },
        { weight: 1, arbitrary: tie('bool').map((operand): Expression => ({ kind: 'not', operand, span: NOWHERE })) },
        { weight: 2, arbitrary: others },
      ),
    }
  })
  return bool
}
