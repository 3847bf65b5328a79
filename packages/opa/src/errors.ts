// The one error of this package. What Rego cannot say exactly is refused: a policy that nearly means the same would open what the
// original shuts.

import type { Span } from '@cardea/policy'

/** Every code of this package and what it means, one line each. docs/errors.md has the cause and the fix. */
export const OPA_ERRORS = {
  ERR_OPA_CONSTRUCT: 'a policy uses a construct that has no exact form in Rego',
  ERR_OPA_BUNDLE_CONTENT: 'a bundle would hold what OPA reads differently, or what lies outside its roots',
  ERR_OPA_BUNDLE_KEY: 'a bundle would be signed by an algorithm that OPA does not verify',
} as const

export type OpaErrorCode = keyof typeof OPA_ERRORS

export interface OpaErrorDetails {
  readonly span?: Span
  readonly hint?: string
  readonly cause?: unknown
}

/** A policy that has no exact Rego, or an OPA that cannot be believed. `span` is the place in the policy, where it is known. */
export class OpaError extends Error {
  override readonly name = 'OpaError'
  readonly code: OpaErrorCode
  readonly span: Span | undefined
  readonly hint: string | undefined

  constructor(code: OpaErrorCode, message: string = OPA_ERRORS[code], details: OpaErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.span = details.span
    this.hint = details.hint
  }
}
