// What a refused caller is told: one table from answer to status, text and challenge (RFC 9457, RFC 6750, RFC 9449, RFC 9470).
// Bland outside: an answer tells what the caller must do next, and never why.

/** What the caller is told, as the `code` of the problem. Fewer than there are reasons, on purpose. */
export type AnswerCode =
  | 'invalid_request'
  | 'no_token'
  | 'invalid_token'
  | 'claims_outdated'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'step_up'
  | 'forbidden'
  | 'not_found'
  | 'unavailable'
  | 'internal'

interface Answer {
  readonly status: 400 | 401 | 403 | 404 | 500 | 503
  readonly title: string
  /** The `error` of the challenge; `null` is a challenge without one (RFC 6750 section 3.1). Absent: no challenge. */
  readonly challenge?: string | null
  readonly retryAfterSeconds?: number
}

export const ANSWERS: { readonly [Code in AnswerCode]: Answer } = {
  invalid_request: { status: 400, title: 'bad request', challenge: 'invalid_request' },
  no_token: { status: 401, title: 'authentication required', challenge: null },
  invalid_token: { status: 401, title: 'authentication required', challenge: 'invalid_token' },
  claims_outdated: { status: 401, title: 'a fresh token is required', challenge: 'invalid_token' },
  invalid_dpop_proof: { status: 401, title: 'authentication required', challenge: 'invalid_dpop_proof' },
  use_dpop_nonce: { status: 401, title: 'authentication required', challenge: 'use_dpop_nonce' },
  step_up: { status: 401, title: 'a stronger sign-in is required', challenge: 'insufficient_user_authentication' },
  forbidden: { status: 403, title: 'forbidden' },
  not_found: { status: 404, title: 'not found' },
  unavailable: { status: 503, title: 'temporarily unavailable', retryAfterSeconds: 1 },
  internal: { status: 500, title: 'internal error' },
}

/** RFC 9457. `explanation` stands there in development mode only. */
export interface ProblemDetails {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly code: AnswerCode
  /** The same text stands in the decision record. */
  readonly correlation: string
  /** What would change it, as the policy's `@advice` says; only for who may know that the resource exists. */
  readonly advice?: string
  readonly explanation?: Explanation
}

/** Why, and what would change it: for developers. Holds policy ids, places and attribute names, never values. */
export interface Explanation {
  readonly reason: string
  readonly line?: string
  readonly change?: string
}

export function problemOf(
  code: AnswerCode,
  correlation: string,
  {
    advice,
    explanation,
  }: { readonly advice?: string | undefined; readonly explanation?: Explanation | undefined } = {},
): ProblemDetails {
  const { status, title } = ANSWERS[code]
  return Object.freeze({
    type: 'about:blank',
    title,
    status,
    code,
    correlation,
    ...(advice === undefined ? {} : { advice }),
    ...(explanation === undefined ? {} : { explanation }),
  })
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** The body of the answer. Members in one order, so that equal problems are equal bytes. */
export function problemBody(problem: ProblemDetails): string {
  return JSON.stringify(problem)
}
