// The smallest sets of atoms that turn a condition, against every set there is.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { smallestFlips } from '../../src/explain/flips.ts'
import type { CostOf } from '../../src/explain/flips.ts'
import { NO_REQUEST } from '../../src/operator/evaluation.ts'
import type { Evaluation } from '../../src/operator/evaluation.ts'
import { compileExpression } from '../../src/operator/table.ts'
import { parseExpression } from '../../src/syntax/parse-policies.ts'
import { printExpression } from '../../src/print/print-policy.ts'
import type { Expression } from '../../src/syntax/tree.ts'
import type { Value } from '../../src/value/value.ts'
import { NOWHERE } from '../generate/expressions.ts'
import { atomsIn, withAtoms } from './turn.ts'

const ONE: CostOf = () => 1

function evaluationOf(context: Readonly<Record<string, Value>>): Evaluation {
  return { ...NO_REQUEST, context: new Map(Object.entries(context)) }
}

function flipsOf(text: string, context: Readonly<Record<string, Value>>, wanted = true, costOf = ONE): string[] {
  const { expression } = parseExpression(text)
  if (expression === undefined) throw new TypeError(`${text} does not parse`)
  return smallestFlips(expression, wanted, evaluationOf(context), costOf).map(
    (part) => `${printExpression(part.node)} -> ${part.wanted}`,
  )
}

const BOOLS = { t: true, u: true, f: false, g: false, h: false }
const c = (text: string): string => text.replaceAll(/\b[tufghx]\b/g, 'context.$&')

describe('what has to turn', () => {
  it.each([
    ['t && u', true, []],
    ['f', true, ['f -> true']],
    ['!t', true, ['t -> false']],
    ['f && g', true, ['f -> true', 'g -> true']],
    ['f || g', true, ['f -> true']],
    ['t && u', false, ['u -> false']],
    ['t || u', false, ['t -> false', 'u -> false']],
    ['(f && g) || h', true, ['h -> true']],
    ['if f then t else g', true, ['f -> true']],
    ['if t then f else u', true, ['f -> true']],
    // one atom in two places turns in both
    ['f && (f || g)', true, ['f -> true']],
    ['t && (!t || f)', true, ['f -> true']],
    ['(f && !g) || (g && h)', true, ['f -> true']],
    ['t != u', true, ['t != u -> true']],
    ['(f == t) && (f != t || t == f)', true, ['f == t -> true', 't == f -> true']],
    // what is wanted of it is both, so no atom helps
    ['f && !f', true, ['f && !f -> true']],
    // an error on the way has to go, whatever comes behind it
    ['x || t', true, ['x -> true']],
    ['x && f', true, ['x -> true', 'f -> true']],
    ['f && x', true, ['f -> true', 'x -> true']],
    ['x && t', false, ['x -> false']],
  ])('%s to %s', (text, wanted, expected) => {
    expect(flipsOf(c(text), BOOLS, wanted)).toEqual(expected.map((flip) => c(flip)))
  })

  it('is the cheapest of sets that are as small', () => {
    const cost = (node: Expression): number => (printExpression(node) === 'context.g' ? 1 : 2)
    expect(flipsOf('context.f || context.g || context.h', BOOLS, true, cost)).toEqual(['context.g -> true'])
    expect(flipsOf('context.f || context.g || context.h', BOOLS)).toEqual(['context.f -> true'])
  })

  it('looks at every atom twice at most, however the condition branches', () => {
    let looked = 0
    const counted: CostOf = () => {
      looked += 1
      return 1
    }
    const wide = Array.from({ length: 900 }, (_, index) => `(context.f || (context.g${index} && context.t))`).join(
      ' && ',
    )
    expect(flipsOf(wide, BOOLS, true, counted)).toEqual(['context.f -> true'])
    const all = Array.from({ length: 900 }, (_, index) => `context.f == ${index}`).join(' && ')
    expect(flipsOf(all, BOOLS, true, counted).length).toBe(900)
    // each `if` asks both ways of its test
    const deep = Array.from({ length: 25 }).reduce<string>(
      (rest) => `if context.f then context.t else (${rest})`,
      'context.h',
    )
    expect(flipsOf(deep, BOOLS, true, counted)).toEqual(['context.f -> true'])
    expect(looked).toBeLessThanOrEqual(2 * (3 * 900 + 900 + 2 * 25 + 1))
  })
})

const context: Expression = { kind: 'variable', name: 'context', span: NOWHERE }
const read = (name: string): Expression => ({ kind: 'attribute', of: context, name, span: NOWHERE })
const compared = (kind: 'equal' | 'notEqual'): Expression => ({
  kind,
  left: read('t'),
  right: read('u'),
  span: NOWHERE,
})

/** Five atoms, so that most conditions have one of them in several places; `x` errs. */
const atoms = fc.constantFrom(...['t', 'f', 'g', 'x'].map(read), compared('equal'), compared('notEqual'))

const formulas = fc.letrec<{ whole: Expression }>((tie) => {
  const inner = tie('whole')
  const span = fc.constant(NOWHERE)
  return {
    whole: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      atoms,
      fc.record({ kind: fc.constant('not'), operand: inner, span }),
      fc.record({ kind: fc.constantFrom('and', 'or'), left: inner, right: inner, span }),
      fc.record({ kind: fc.constant('if'), test: inner, then: inner, else: inner, span }),
    ),
  }
}).whole

/** Every way to turn some atoms, with how many it turns. */
function turnings(names: readonly string[]): { readonly size: number; readonly turn: ReadonlyMap<string, boolean> }[] {
  const [name, ...rest] = names
  if (name === undefined) return [{ size: 0, turn: new Map() }]
  return turnings(rest).flatMap(({ size, turn }) => [
    { size, turn },
    { size: size + 1, turn: new Map([...turn, [name, true]]) },
    { size: size + 1, turn: new Map([...turn, [name, false]]) },
  ])
}

describe('of any condition', () => {
  it('the set is the smallest, and irreducible', () => {
    fc.assert(
      fc.property(formulas, fc.boolean(), (formula, wanted) => {
        const evaluation = evaluationOf(BOOLS)
        const becomes = (turn: Iterable<readonly [string, boolean]>): boolean =>
          compileExpression(withAtoms(formula, new Map(turn)))(evaluation) === wanted
        const flips = smallestFlips(formula, wanted, evaluation, ONE)
        const names = [...atomsIn(formula).keys()]
        const possible = turnings(names).filter(({ turn }) => becomes(turn))
        const least = possible.reduce((size, one) => Math.min(size, one.size), Number.POSITIVE_INFINITY)
        if (possible.length === 0) {
          // no turning of atoms helps: the whole is what has to be another
          expect(flips.map(({ node }) => node)).toEqual([formula])
          return
        }
        const set = flips.map(({ node, wanted: to }): [string, boolean] => [printExpression(node), to])
        expect(becomes(set)).toBe(true)
        for (const left of set) expect(becomes(set.filter((one) => one !== left))).toBe(false)
        expect(set.length).toBe(least)
      }),
      { numRuns: 400 },
    )
  })
})
