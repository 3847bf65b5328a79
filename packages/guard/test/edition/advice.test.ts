// What advice may say, and that nothing else passes as advice.

import { describe, expect, test } from 'vitest'
import { parseAdvice } from '../../src/edition/advice.ts'

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
    expect(parseAdvice('p', text)).toEqual(expected)
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
  ])('refuses %j', (text) => {
    expect(() => parseAdvice('p', text)).toThrow(expect.objectContaining({ code: 'ERR_GUARD_ANNOTATION' }))
  })
})
