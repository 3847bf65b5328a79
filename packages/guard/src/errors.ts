// The errors of this package. `GuardError` is a guard that cannot start or go on; `DeniedError` is a refused request, with
// the answer that may be shown. INVARIANT: what an error handler could print of a refusal (message, code, status, headers,
// own enumerable members) is bland; the exact reason is behind accessors, for logs.

import type { AnswerCode, ProblemDetails } from './problem.ts'
import type { Reason } from './reason.ts'

/** Every code of this package and what it means, one line each. docs/errors.md has the cause and the fix. */
export const GUARD_ERRORS = {
  // starting
  ERR_GUARD_OPTIONS: 'an option of the guard is missing or wrong',
  ERR_GUARD_DEVELOPMENT: 'development mode is on while NODE_ENV is `production`',
  ERR_GUARD_POLICY_FOLDER: 'the policy folder or bundle cannot be read, or the folder holds no `*.cedar` file',
  ERR_GUARD_POLICY_DIGEST: 'the policies are not the ones that were checked together with the generated schema',
  ERR_GUARD_ANNOTATION: 'an annotation of an action or a policy has a value that means nothing',
  ERR_GUARD_DISCOVERY: "the issuer's metadata could not be had, or is not the issuer's",
  ERR_GUARD_AUTHORITY: 'the authority could not be followed',
  ERR_GUARD_ROUTE: 'a route names neither an action nor `public`, or an action that the schema does not have',
  ERR_GUARD_ROUTE_ORDER: 'routes were registered before the guard, so nothing is known of them',
  // refused requests
  ERR_GUARD_GRANTS: 'the grants that a token names by reference could not be had',
  ERR_GUARD_UNAUTHENTICATED: 'the caller is not known well enough',
  ERR_GUARD_DENIED: 'the policies do not allow it',
  ERR_GUARD_DECIDER: 'the decider of an action failed, or answered what is no decision',
  ERR_GUARD_DECIDER_LATER: 'the decider of an action answers later, and was asked where an answer is needed at once',
  ERR_GUARD_DECIDER_FILTER: 'what the decider of an action says cannot be a filter',
  ERR_GUARD_LAPSED: 'a running answer must end, because the permission has ended',
} as const

export type GuardErrorCode = keyof typeof GUARD_ERRORS

export interface GuardErrorDetails {
  readonly hint?: string
  readonly cause?: unknown
}

/** A guard that cannot start, or cannot go on. */
export class GuardError extends Error {
  override readonly name: string = 'GuardError'
  readonly code: GuardErrorCode
  readonly hint: string | undefined

  constructor(code: GuardErrorCode, message: string = GUARD_ERRORS[code], details: GuardErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
  }
}

/** What a refusal is made of. */
export interface Refusal {
  /** The exact reason: for records and logs. */
  readonly reason: Reason
  /** What the caller is told. */
  readonly answer: AnswerCode
  readonly problem: ProblemDetails
  /** Headers of the answer, lower-case names: `www-authenticate`, `retry-after`, `dpop-nonce`. */
  readonly headers: Readonly<Record<string, string>>
  readonly correlation: string
  /** Ids of the policies that determined it. */
  readonly policies?: readonly string[]
  readonly cause?: unknown
}

/**
 * A refused request. Throw it on: the adapter answers with `problem`, `status` and `headers`. Its message is as bland as the
 * answer. `reason` and `policies` are for logs; they must not reach the caller.
 */
export class DeniedError extends GuardError {
  override readonly name: string = 'DeniedError'
  readonly #refusal: Refusal

  constructor(refusal: Refusal, code: GuardErrorCode = 'ERR_GUARD_DENIED') {
    // to capture a stack that nobody sees takes longer than all the rest; where `Error` is frozen it is captured all the same
    const limit = Error.stackTraceLimit
    Reflect.set(Error, 'stackTraceLimit', 0)
    super(code, refusal.problem.title)
    Reflect.set(Error, 'stackTraceLimit', limit)
    this.#refusal = refusal
    // The stack would tell a 404 for a missing row from one for a hidden row to whoever prints it.
    Object.defineProperty(this, 'stack', { value: `${this.name}: ${this.message}`, enumerable: false })
  }

  /** 401, 403, 404 or 503; 400 for a request that carries credentials in more than one way. */
  get status(): number {
    return this.#refusal.problem.status
  }

  /** The name under which frameworks look for it. */
  get statusCode(): number {
    return this.#refusal.problem.status
  }

  /** RFC 9457. */
  get problem(): ProblemDetails {
    return this.#refusal.problem
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#refusal.headers
  }

  /** The `WWW-Authenticate` header, if the answer has one. */
  get challenge(): string | undefined {
    return this.#refusal.headers['www-authenticate']
  }

  get correlation(): string {
    return this.#refusal.correlation
  }

  /** The exact reason. Never show it to the caller. */
  get reason(): Reason {
    return this.#refusal.reason
  }

  /** Ids of the policies that determined it. Never show them to the caller. */
  get policies(): readonly string[] {
    return this.#refusal.policies ?? []
  }

  /** What was thrown below, for the log. */
  get origin(): unknown {
    return this.#refusal.cause
  }
}

/** The caller is not known well enough to ask the policies: no token, a refused one, or news too old to rely on. */
export class UnauthenticatedError extends DeniedError {
  override readonly name: string = 'UnauthenticatedError'

  constructor(refusal: Refusal) {
    super(refusal, 'ERR_GUARD_UNAUTHENTICATED')
  }
}

/** The `reason` of a signal that aborted: the token expired or was revoked, or the news got too old. */
export class LapsedError extends GuardError {
  override readonly name: string = 'LapsedError'
  readonly reason: Reason

  constructor(reason: Reason) {
    super('ERR_GUARD_LAPSED')
    this.reason = reason
  }
}
