// What counts as an allow, and how everything else is a deny.

import { describe, expect, test } from 'vitest'
import { readAnswer } from '../../src/decider/answer.ts'

describe('an allow', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['true', true, []],
    ['the object of hand-written Rego', { allow: true }, []],
    ['with reasons', { allow: true, reasons: ['a'] }, ['a']],
    ['the object of Rego that Cedar made', { decision: 'allow', reason: 'permit', determining: ['p'] }, ['p']],
    ['with more members', { decision: 'allow', revision: 7, principal: { type: 'User' } }, []],
  ])('%s', (_name, result, determining) => {
    expect(readAnswer(result)).toEqual({ decision: 'allow', reason: 'permit', determining, errors: [] })
  })

  test('may name policies that erred', () => {
    const errors = [{ policy: 'p', code: 'ERR_POLICY_EVALUATION_OVERFLOW', message: 'of the OPA' }]
    expect(readAnswer({ decision: 'allow', errors })).toMatchObject({
      decision: 'allow',
      errors: [{ policy: 'p', code: 'ERR_POLICY_EVALUATION_OVERFLOW', message: 'the policy could not be evaluated' }],
    })
  })
})

describe('a deny', () => {
  test.each<[string, unknown, string, readonly string[]]>([
    ['false', false, 'no-permit', []],
    ['allow: false', { allow: false, reasons: ['late'] }, 'no-permit', ['late']],
    ['a forbid', { decision: 'deny', reason: 'forbid', determining: ['f'] }, 'forbid', ['f']],
    ['an erring forbid', { decision: 'deny', reason: 'forbid-error' }, 'forbid-error', []],
    ['for a reason of its own', { decision: 'deny', reason: 'invalid_token' }, 'no-permit', []],
    ['that claims a permit', { decision: 'deny', reason: 'permit' }, 'no-permit', []],
  ])('%s', (_name, result, reason, determining) => {
    expect(readAnswer(result)).toEqual({ decision: 'deny', reason, determining, errors: [] })
  })

  const many = Array.from({ length: 10_001 }, () => 'r')
  test.each<[string, unknown]>([
    ['the text', 'true'],
    ['one', 1],
    ['null', null],
    ['undefined', undefined],
    ['a list', [true]],
    ['an empty list', []],
    ['an empty object', {}],
    ['allow as a text', { allow: 'true' }],
    ['allow as one', { allow: 1 }],
    ['another decision', { decision: 'ALLOW' }],
    ['a decision that is true', { decision: true }],
    ['both forms', { allow: true, decision: 'deny' }],
    ['both forms that agree', { allow: true, decision: 'allow' }],
    ['an allow with the reason of a deny', { decision: 'allow', reason: 'forbid' }],
    ['an allow with a reason that is no text', { decision: 'allow', reason: 1 }],
    ['an allow with malformed policies', { decision: 'allow', determining: 'p' }],
    ['an allow with too many', { decision: 'allow', determining: many }],
    ['an allow with an endless one', { allow: true, reasons: ['r'.repeat(1001)] }],
    ['an allow with malformed errors', { decision: 'allow', errors: [{ policy: 'p' }] }],
    ['an allow with an error that is text', { decision: 'allow', errors: ['x'] }],
    ['an allow that is only inherited', Object.create({ allow: true })],
  ])('with a code: %s', (_name, result) => {
    expect(readAnswer(result)).toMatchObject({
      decision: 'deny',
      reason: 'forbid-error',
      determining: [],
      errors: [{ policy: '', code: 'ERR_OPA_ANSWER' }],
    })
  })
})
