// What advice may say, and that nothing else passes as advice.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatRemedy, parseAdvice, readAdvice } from '../../src/annotation/advice.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'

describe('advice', () => {
  test.each([
    ['network', [{ kind: 'advice', name: 'network' }]],
    ['step_up:acr=mfa', [{ kind: 'step-up', acrValues: ['mfa'] }]],
    ['step_up:max_age=300', [{ kind: 'step-up', acrValues: [], maxAgeSeconds: 300 }]],
    ['step_up:acr=hwk+mfa,max_age=0', [{ kind: 'step-up', acrValues: ['hwk', 'mfa'], maxAgeSeconds: 0 }]],
    ['step_up:acr=urn:mace:incommon:iap:silver', [{ kind: 'step-up', acrValues: ['urn:mace:incommon:iap:silver'] }]],
    [
      'step_up:acr=mfa; network',
      [
        { kind: 'step-up', acrValues: ['mfa'] },
        { kind: 'advice', name: 'network' },
      ],
    ],
  ])('%s', (text, expected) => {
    expect(parseAdvice(text)).toEqual(expected)
  })

  test('a grant is of the template that it stands on, or of the one that it names', () => {
    expect(parseAdvice('request_grant', 'viewer')).toEqual([{ kind: 'request-grant', template: 'viewer' }])
    expect(parseAdvice('request_grant:template=editor', 'viewer')).toEqual([
      { kind: 'request-grant', template: 'editor' },
    ])
    expect(parseAdvice('request_grant')).toBeUndefined()
  })

  test.each([
    '',
    'Network',
    'step_up',
    'step_up:',
    'step_up:acr=',
    'step_up:acr="mfa"',
    'step_up:acr=mfa,acr=pwd',
    'step_up:max_age=-1',
    'step_up:max_age=5m',
    'step_up:acr=a\r\nb',
    'network:office',
    'network;',
    'step_up:acr=a=b',
    'request_grant:',
    'request_grant:viewer',
    'request_grant:template=',
  ])('refuses %j', (text) => {
    expect(parseAdvice(text)).toBeUndefined()
  })

  test('printed is read as the same', () => {
    const words = fc
      .stringMatching(/^[a-z][a-z0-9_-]{0,10}$/)
      .filter((name) => !/^(?:step_up|request_grant)$/.test(name))
    const acr = fc.stringMatching(/^[A-Za-z0-9:/._~-]{1,12}$/)
    const age = fc.option(fc.nat(999_999_999), { nil: undefined })
    const stepUps = fc
      .tuple(fc.array(acr, { maxLength: 3 }), age)
      .filter(([values, seconds]) => values.length > 0 || seconds !== undefined)
      .map(([acrValues, maxAgeSeconds]) => ({
        kind: 'step-up' as const,
        acrValues,
        ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
      }))
    const grants = fc.stringMatching(/^[^;\s]{1,12}$/).map((template) => ({ kind: 'request-grant' as const, template }))
    const advice = fc.array(
      fc.oneof(
        stepUps,
        grants,
        words.map((name) => ({ kind: 'advice' as const, name })),
      ),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    fc.assert(
      fc.property(advice, (remedies) => {
        expect(parseAdvice(remedies.map(formatRemedy).join('; '))).toEqual(remedies)
      }),
    )
  })
})

describe('the advice of policies', () => {
  const read = (text: string) => readAdvice(parsePolicies(text, { file: 'p.cedar' }).policies)
  const TEMPLATE =
    '@id("viewer") @advice("request_grant") permit (principal == ?principal, action, resource in ?resource);\n'

  test('is found by policy, templates included', () => {
    const text = `${TEMPLATE}@id("net") @advice("network; request_grant:template=viewer") forbid (principal, action, resource);`
    const { remedies, problems } = read(`${text}\n@id("plain") permit (principal, action, resource);`)
    expect(problems).toEqual([])
    expect([...remedies]).toEqual([
      ['viewer', [{ kind: 'request-grant', template: 'viewer' }]],
      [
        'net',
        [
          { kind: 'advice', name: 'network' },
          { kind: 'request-grant', template: 'viewer' },
        ],
      ],
    ])
  })

  test.each([
    ['means nothing', '@id("a") @advice("Call Bob!") permit (principal, action, resource);', 'means nothing'],
    [
      'is a grant of no template',
      '@id("a") @advice("request_grant") permit (principal, action, resource);',
      'means nothing',
    ],
    [
      'is a grant of a template that is none',
      '@id("a") @advice("request_grant:template=b") permit (principal, action, resource);',
      'asks for a grant of `b`, which cannot be granted',
    ],
    [
      'is a grant of a forbid',
      '@id("a") @advice("request_grant") forbid (principal == ?principal, action, resource);',
      'asks for a grant of `a`, which cannot be granted',
    ],
  ])('is a problem with a place where it %s', (_name, text, message) => {
    const [problem, ...others] = read(text).problems
    expect(others).toEqual([])
    expect(problem).toMatchObject({
      severity: 'error',
      code: 'ERR_POLICY_ANNOTATION',
      span: { file: 'p.cedar', start: 0 },
    })
    expect(problem?.message).toContain(message)
  })
})
