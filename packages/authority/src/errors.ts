// The one error of this package: bad input to the authority, or a state in which it refuses to work. What a caller over
// HTTP is told is decided by `http/problem.ts` from the same codes; the message never holds a token, key or claim value.

import type { Problem } from '@cardea/policy'

/** Every code of this package and what it means, one line each. docs/errors.md has the cause and the fix. */
export const AUTHORITY_ERRORS = {
  // starting
  ERR_AUTHORITY_CONFIG: 'an option of the authority is missing or wrong',
  ERR_AUTHORITY_DEVELOPMENT_IN_PRODUCTION: 'development options are set while NODE_ENV is `production`',
  ERR_AUTHORITY_INITIALISED: 'the database already has its first administrator',
  ERR_AUTHORITY_STORE_LOCKED: 'another authority has this database open',
  ERR_AUTHORITY_STORE_NEWER: 'the database was written by a newer version of Cardea',
  ERR_AUTHORITY_STORE_UNSAFE: 'the database does not keep what it has acknowledged',
  ERR_AUTHORITY_STORE_UNAVAILABLE: 'the database did not answer; whether something was changed is not known',
  ERR_AUTHORITY_KEY_SEALED: 'a stored private key does not open with the encryption key that was given',
  ERR_AUTHORITY_SIGNER: 'the signer outside did not answer, or not with a signature of its key, or there is no key yet',
  ERR_AUTHORITY_CLOSED: 'the authority is closing and takes no more work',
  // requests
  ERR_AUTHORITY_REQUEST: 'a request is malformed',
  ERR_AUTHORITY_REQUEST_TOO_LARGE: 'a request body is larger than the endpoint takes',
  ERR_AUTHORITY_CONTENT_TYPE: 'a request body has another content type than the endpoint takes',
  ERR_AUTHORITY_PARAMETER_REPEATED: 'a parameter or header stands more than once',
  ERR_AUTHORITY_UNAUTHENTICATED: 'the caller presented no valid token of this authority',
  ERR_AUTHORITY_FORBIDDEN: "the authority's own policy does not allow this to the caller",
  ERR_AUTHORITY_NOT_FOUND: 'nothing is there',
  ERR_AUTHORITY_AUDIENCE_UNKNOWN: 'no audience of that name is configured',
  ERR_AUTHORITY_INTERNAL: 'the authority failed; nothing was changed',
  // token endpoint
  ERR_AUTHORITY_CLIENT: 'the client did not authenticate',
  ERR_AUTHORITY_GRANT_TYPE: 'the grant type is not one that this authority knows',
  ERR_AUTHORITY_TOKEN_TYPE: 'the subject token or the wanted token has a type that is not exchanged here',
  ERR_AUTHORITY_TARGET: 'the audience is unknown, or not one that this client may ask for',
  ERR_AUTHORITY_SCOPE: 'scopes cannot be asked for; the policy decides what a token holds',
  ERR_AUTHORITY_DETAILS: 'the details that were asked for are malformed, or name nothing that is held',
  ERR_AUTHORITY_ISSUER_UNKNOWN: 'the subject token comes from no configured provider of this client',
  ERR_AUTHORITY_SUBJECT_TOKEN: 'the subject token was refused',
  ERR_AUTHORITY_SUBJECT_AGE: 'the subject token is older than its provider is allowed',
  ERR_AUTHORITY_SUBJECT_REVOKED: 'the subject, its tenant or its client was revoked after the subject token was made',
  ERR_AUTHORITY_TENANT: 'the subject token names no tenant, or one that its provider does not speak for',
  ERR_AUTHORITY_CLAIMS: 'a mapped claim of the subject token is missing or has the wrong form',
  ERR_AUTHORITY_CLAIMS_OVERAGE: 'the provider left groups out of the subject token and named a place to fetch them',
  ERR_AUTHORITY_SESSION_ENDED: 'the sign-in has ended or was revoked',
  ERR_AUTHORITY_SESSION_KEY: 'the sign-in is bound to another DPoP key',
  ERR_AUTHORITY_SESSION_CERTIFICATE: 'the sign-in is bound to another certificate',
  ERR_AUTHORITY_ACTOR: 'the actor token was refused, or its client may not act for the subject',
  ERR_AUTHORITY_DELEGATION_DEPTH: 'the token was passed on as often as one may be',
  ERR_AUTHORITY_REFRESH_TOKEN: 'the refresh token is unknown, or this client may not use it',
  ERR_AUTHORITY_REFRESH_IDLE: 'the refresh token was not used for longer than its client allows',
  ERR_AUTHORITY_REFRESH_REUSED: 'a spent refresh token was used again; its sign-in was revoked',
  ERR_AUTHORITY_DPOP: 'the DPoP proof is missing or was refused',
  ERR_AUTHORITY_DPOP_NONCE: 'the DPoP proof carries no nonce of this authority that counts now',
  ERR_AUTHORITY_CERTIFICATE: 'a token that would be bound to a certificate was asked for without one',
  ERR_AUTHORITY_CERTIFICATE_HEADER: 'what a proxy passed on as the certificate of a client cannot be read',
  ERR_AUTHORITY_BIND_ADDRESS: 'an address to bind to is malformed, not known, or was named by a public client',
  ERR_AUTHORITY_BUDGET: 'what the token would have to hold exceeds the byte budget of the audience',
  ERR_AUTHORITY_NO_POLICY: 'no policy has been published yet',
  // grants, policies, keys, revocations, the log
  ERR_AUTHORITY_GRANT: 'a grant names no known tenant, grantee, resource or time',
  ERR_AUTHORITY_GRANT_TEMPLATE: 'a grant names no `permit` template of the published policy',
  ERR_AUTHORITY_GRANT_TOO_MANY: 'the grantee has as many grants as one may have',
  ERR_AUTHORITY_POLICY_REVISION: 'the policy has changed since the revision that the publication was based on',
  ERR_AUTHORITY_POLICY_REVISION_MISSING: 'a publication must say which revision it is based on, with `If-Match`',
  ERR_AUTHORITY_POLICY_PROBLEMS: 'the policy does not pass the check; nothing was published',
  ERR_AUTHORITY_KEY_STATE: 'the key is not in a state that allows this',
  ERR_AUTHORITY_KEY_YOUNG: 'the pending key has not been published for as long as verifiers keep a key set',
  ERR_AUTHORITY_KEY_OUTAGE: 'no key is pending that could take the place of the killed one',
  ERR_AUTHORITY_REVOCATION: 'a revocation has a key of an unknown kind or form',
  ERR_AUTHORITY_BREAK_GLASS: 'a break-glass statement would be too long, without a reason, or for what does not exist',
  ERR_AUTHORITY_CLIENT_EXISTS: 'a client of that id exists',
  ERR_AUTHORITY_FEED_GONE: 'the position is of another epoch or older than what the log still holds; take a snapshot',
  ERR_AUTHORITY_DECISIONS: 'a batch of decision records is malformed',
  ERR_AUTHORITY_OPA_REPORT: 'a decision log or a status report of an OPA is malformed',
} as const

export type AuthorityErrorCode = keyof typeof AUTHORITY_ERRORS

export class AuthorityError extends Error {
  override readonly name = 'AuthorityError'
  readonly code: AuthorityErrorCode
  readonly hint: string | undefined
  readonly problems: readonly Problem[]
  /** The texts that the problems point into. */
  readonly sources: readonly { readonly file: string; readonly text: string }[]

  constructor(code: AuthorityErrorCode, message?: string, details: AuthorityErrorDetails = {}) {
    super(message ?? AUTHORITY_ERRORS[code], details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
    this.problems = details.problems ?? []
    this.sources = details.sources ?? []
  }
}

export interface AuthorityErrorDetails {
  readonly hint?: string
  readonly problems?: readonly Problem[]
  readonly sources?: readonly { readonly file: string; readonly text: string }[]
  readonly cause?: unknown
}
