import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExpression, parsePolicies } from '../../src/syntax/parse-policies.ts'
import { printExpression, printPolicy } from '../../src/print/print-policy.ts'
import type { Expression } from '../../src/syntax/tree.ts'
import { expressions, NOWHERE } from '../generate/expressions.ts'
import { policies, templates } from '../generate/policies.ts'
import { withoutSpans } from '../generate/without-spans.ts'

describe('printPolicy', () => {
  it('is undone by parsePolicies', () => {
    fc.assert(
      fc.property(fc.oneof(policies, templates), (policy) => {
        const parsed = parsePolicies(printPolicy(policy), { file: 'generated' })
        expect(parsed.problems).toEqual([])
        expect(withoutSpans(parsed.policies)).toEqual([policy])
      }),
      { numRuns: 1000 },
    )
  })

  it('is undone for expressions alone, and prints what it parsed', () => {
    fc.assert(
      fc.property(expressions, (expression) => {
        const text = printExpression(expression)
        const parsed = parseExpression(text)
        expect(parsed.problems).toEqual([])
        expect(withoutSpans(parsed.expression)).toEqual(expression)
      }),
      { numRuns: 1000 },
    )
  })

  const cases: readonly (readonly [name: string, text: string])[] = [
    ['a negated number keeps its parentheses', '-(1) == -1'],
    ['a negative number is read from in parentheses', '(-1).a'],
    ['a chain to the left has none', 'true && false && true || true'],
    ['a chain to the right keeps them', 'true && (false && true)'],
    ['relations inside relations keep them', '(1 < 2) == (2 < 3)'],
    ['an if in an operand keeps them', '(if true then 1 else 2) + 3'],
    ['an if in an else has none', 'if true then 1 else if false then 2 else 3'],
    ['names that need quotes get them', 'principal["if"].a has "__cedar" && {"a b": 1, a: 2}["a b"] == 1'],
    ['a star in a pattern is escaped', 'principal.a like "a*\\*b"'],
    ['paths', 'context has a.b.c && principal is Docs::User in resource.parent'],
  ]
  it.each(cases)('%s', (_, text) => {
    const { expression } = parseExpression(text)
    expect(expression && printExpression(expression)).toBe(text)
  })

  it('breaks a long condition at its chain and a long scope at its commas', () => {
    const text = [
      '@id("long")',
      'forbid (',
      '  principal in Organisation::"the one with the very long name indeed",',
      '  action in [Action::"view", Action::"edit"],',
      '  resource is Document',
      ')',
      'when {',
      '  principal.department == resource.department &&',
      '  context.address.isInRange(ip("10.0.0.0/8")) &&',
      '  !(resource.classified || resource.archived)',
      '};',
      '',
    ].join('\n')
    const { policies, problems } = parsePolicies(text)
    expect(problems).toEqual([])
    expect(policies.map(printPolicy)).toEqual([text])
  })

  it('prints what only residuals hold', () => {
    const fault: Expression = { kind: 'fault', code: 'ERR_POLICY_EVALUATION_TYPE', message: 'no', span: NOWHERE }
    const address: Expression = {
      kind: 'literal',
      value: { kind: 'ipaddr', family: 4, address: 0x0a000000, prefix: 8 },
      span: NOWHERE,
    }
    expect(printExpression({ kind: 'equal', left: fault, right: address, span: NOWHERE })).toBe(
      'error("ERR_POLICY_EVALUATION_TYPE") == ip("10.0.0.0/8")',
    )
  })
})
