// The forms of what a guard says: codes, messages, one status and one challenge an answer.

import { describe, expect, test } from 'vitest'
import { answerHeaders } from '../src/challenge.ts'
import { ANSWERS, type AnswerCode, DeniedError, GUARD_ERRORS, GuardError, REASONS } from '../src/index.ts'

const facts = {
  schemes: ['Bearer', 'DPoP'],
  algorithms: ['ES256', 'EdDSA'],
  resourceMetadata: 'https://a.example/.well-known/x',
} as const

describe('codes', () => {
  test.each(Object.entries(GUARD_ERRORS))('%s', (code, meaning) => {
    expect(code).toMatch(/^ERR_GUARD_[A-Z_]+$/)
    expect(meaning).not.toMatch(/^[A-Z]|\.$/)
    expect(new GuardError(code as keyof typeof GUARD_ERRORS).message).toBe(meaning)
  })

  test('reasons are explained', () => {
    for (const meaning of Object.values(REASONS)) expect(meaning).toMatch(/^[a-z].*[^.]$/)
  })
})

describe('answers', () => {
  test.each<[AnswerCode, number, string | undefined]>([
    [
      'invalid_request',
      400,
      'Bearer error="invalid_request", resource_metadata="https://a.example/.well-known/x", DPoP error="invalid_request", algs="ES256 EdDSA", resource_metadata="https://a.example/.well-known/x"',
    ],
    [
      'no_token',
      401,
      'Bearer resource_metadata="https://a.example/.well-known/x", DPoP algs="ES256 EdDSA", resource_metadata="https://a.example/.well-known/x"',
    ],
    [
      'use_dpop_nonce',
      401,
      'DPoP error="use_dpop_nonce", algs="ES256 EdDSA", resource_metadata="https://a.example/.well-known/x"',
    ],
    ['forbidden', 403, undefined],
    ['not_found', 404, undefined],
    ['unavailable', 503, undefined],
    ['internal', 500, undefined],
  ])('%s', (code, status, challenge) => {
    expect(ANSWERS[code].status).toBe(status)
    expect(answerHeaders(code, facts)['www-authenticate']).toBe(challenge)
  })

  test('every 401 has a challenge (RFC 9110 section 11.6.1), and no answer is cached', () => {
    for (const code of Object.keys(ANSWERS) as AnswerCode[]) {
      const headers = answerHeaders(code, facts)
      expect(headers['cache-control']).toBe('no-store')
      expect('www-authenticate' in headers).toBe(ANSWERS[code].status === 401 || ANSWERS[code].status === 400)
    }
  })

  test('a step-up without values asks for its age alone', () => {
    const { 'www-authenticate': challenge } = answerHeaders('step_up', {
      schemes: ['Bearer'],
      algorithms: [],
      stepUp: { acrValues: [], maxAgeSeconds: 0 },
    })
    expect(challenge).toBe('Bearer error="insufficient_user_authentication", max_age="0"')
  })
})

describe('a refusal', () => {
  const problem = { type: 'about:blank', title: 'Not Found', status: 404, code: 'not_found', correlation: 'c' } as const
  const refuse = (): DeniedError =>
    new DeniedError({ reason: 'no_permit', answer: 'not_found', problem, headers: {}, correlation: 'c' })

  test('has no stack, and leaves those of others as they are', () => {
    const before = Error.stackTraceLimit
    expect(refuse().stack).toBe('DeniedError: Not Found')
    expect(Error.stackTraceLimit).toBe(before)
    expect(new Error('another').stack).toContain('errors.test.ts')
  })

  test('is made where nobody may say how long stacks are', () => {
    const own = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')
    try {
      Object.defineProperty(Error, 'stackTraceLimit', { value: 5, writable: false })
      expect(refuse()).toMatchObject({ status: 404, stack: 'DeniedError: Not Found' })
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', { ...own, writable: true })
    }
  })
})
