// The one error of this package. A deny is never an error; this is bad input to parsing, loading or compiling.

import type { Problem } from './problem.ts'

/** Every code of this package and what it means, one line each. docs/errors.md has the cause and the fix. */
export const POLICY_ERRORS = {
  ERR_POLICY_SOURCES: 'the policy sources have problems; see `problems`',
} as const

export type PolicyErrorCode = keyof typeof POLICY_ERRORS

/** Bad input to the policy engine. `problems` holds every finding with its place, where there are places. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly code: PolicyErrorCode
  readonly hint: string | undefined
  readonly problems: readonly Problem[]

  constructor(code: PolicyErrorCode, message: string, details: PolicyErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
    this.problems = details.problems ?? []
  }
}

export interface PolicyErrorDetails {
  readonly hint?: string
  readonly problems?: readonly Problem[]
  readonly cause?: unknown
}
