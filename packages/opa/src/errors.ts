// The one error of this package. What Rego cannot say exactly is refused: a policy that nearly means the same would open what the
// original shuts.

import type { Span } from '@cardea/policy'

/** Every code of this package and what it means, one line each. docs/errors.md has the cause and the fix. */
export const OPA_ERRORS = {
  ERR_OPA_CONSTRUCT: 'a policy uses a construct that has no exact form in Rego',
  ERR_OPA_BUNDLE_CONTENT: 'a bundle would hold what OPA reads differently, or what lies outside its roots',
  ERR_OPA_BUNDLE_KEY: 'a bundle would be signed by an algorithm that OPA does not verify',
  // what Cedar-made Rego says in its errors
  ERR_OPA_POLICY: 'a policy erred in an OPA',
  ERR_OPA_REQUEST: 'a request to an OPA does not fit the schema',
  // an OPA as a decider: at the start
  ERR_OPA_URL: 'an OPA is asked over https, or over http on this machine, at a path of data',
  ERR_OPA_WASM: 'the Rego is no bundle or module that `opa build -t wasm` makes',
  ERR_OPA_BUILTIN: 'the Rego calls a function that WebAssembly does not have',
  // and in decisions
  ERR_OPA_INPUT: 'the request cannot be said exactly to an OPA',
  ERR_OPA_UNREACHABLE: 'the OPA could not be reached, or its answer was cut off',
  ERR_OPA_TIMEOUT: 'the OPA did not answer in time',
  ERR_OPA_STATUS: 'the OPA answered with another status than 200',
  ERR_OPA_UNDEFINED: 'the Rego says nothing of the request',
  ERR_OPA_ANSWER: 'the answer of the Rego is neither an allow nor a deny',
  ERR_OPA_EVALUATION: 'the Rego could not be evaluated',
  // reports of an OPA
  ERR_OPA_REPORT: 'a report of an OPA does not have the form of one',
  ERR_OPA_REPORT_ENCODING: 'a decision log of an OPA is not compressed with gzip, or not whole',
  ERR_OPA_REPORT_TOO_LARGE: 'a report of an OPA is larger than the limits allow',
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
