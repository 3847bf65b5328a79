// Errors to answers, in one table: RFC 9457 problem details for the API, RFC 6749 section 5.2 for the OAuth endpoints.
// Outside the text is bland; the exact reason is in the log, and both carry the same correlation id.

import type { AppContext } from './context.ts'
import { DeniedError } from '@cardea/guard'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { AuthorityError, type AuthorityErrorCode } from '../errors.ts'
import type { DescribedProblem } from '../publication/describe-problem.ts'

interface Mapping {
  readonly status: ContentfulStatusCode
  readonly title: string
  /** The RFC 6749, 8693, 8707 or 9449 error, where the code can occur at an OAuth endpoint. */
  readonly oauth?: string
}

const BAD_REQUEST: Mapping = { status: 400, title: 'bad request', oauth: 'invalid_request' }
const BAD_SUBJECT: Mapping = { status: 400, title: 'the subject token was refused', oauth: 'invalid_grant' }
const BAD_REFRESH: Mapping = { status: 400, title: 'the refresh token was refused', oauth: 'invalid_grant' }
const FAILED: Mapping = { status: 500, title: 'the authority failed', oauth: 'server_error' }

const MAPPINGS: { readonly [Code in AuthorityErrorCode]: Mapping } = {
  ERR_AUTHORITY_CONFIG: FAILED,
  ERR_AUTHORITY_DEVELOPMENT_IN_PRODUCTION: FAILED,
  ERR_AUTHORITY_INITIALISED: FAILED,
  ERR_AUTHORITY_STORE_LOCKED: FAILED,
  ERR_AUTHORITY_STORE_UNSAFE: FAILED,
  ERR_AUTHORITY_STORE_UNAVAILABLE: {
    status: 503,
    title: 'the database does not answer',
    oauth: 'temporarily_unavailable',
  },
  ERR_AUTHORITY_STORE_NEWER: FAILED,
  ERR_AUTHORITY_KEY_SEALED: FAILED,
  ERR_AUTHORITY_SIGNER: { status: 503, title: 'the signer does not answer', oauth: 'temporarily_unavailable' },
  ERR_AUTHORITY_CLOSED: { status: 503, title: 'the authority is closing', oauth: 'temporarily_unavailable' },
  ERR_AUTHORITY_REQUEST: BAD_REQUEST,
  ERR_AUTHORITY_REQUEST_TOO_LARGE: { status: 413, title: 'the body is too large', oauth: 'invalid_request' },
  ERR_AUTHORITY_CONTENT_TYPE: { status: 415, title: 'unsupported content type', oauth: 'invalid_request' },
  ERR_AUTHORITY_PARAMETER_REPEATED: BAD_REQUEST,
  ERR_AUTHORITY_UNAUTHENTICATED: { status: 401, title: 'not authenticated' },
  ERR_AUTHORITY_FORBIDDEN: { status: 403, title: 'not allowed' },
  ERR_AUTHORITY_NOT_FOUND: { status: 404, title: 'not found' },
  ERR_AUTHORITY_AUDIENCE_UNKNOWN: { status: 404, title: 'not found' },
  ERR_AUTHORITY_INTERNAL: FAILED,
  ERR_AUTHORITY_CLIENT: { status: 401, title: 'the client did not authenticate', oauth: 'invalid_client' },
  ERR_AUTHORITY_GRANT_TYPE: { status: 400, title: 'unknown grant type', oauth: 'unsupported_grant_type' },
  ERR_AUTHORITY_TOKEN_TYPE: BAD_REQUEST,
  ERR_AUTHORITY_TARGET: { status: 400, title: 'not a target of this client', oauth: 'invalid_target' },
  ERR_AUTHORITY_SCOPE: { status: 400, title: 'scopes cannot be asked for', oauth: 'invalid_scope' },
  ERR_AUTHORITY_DETAILS: {
    status: 400,
    title: 'the details were refused',
    oauth: 'invalid_authorization_details',
  },
  ERR_AUTHORITY_ISSUER_UNKNOWN: BAD_SUBJECT,
  ERR_AUTHORITY_SUBJECT_TOKEN: BAD_SUBJECT,
  ERR_AUTHORITY_SUBJECT_AGE: BAD_SUBJECT,
  ERR_AUTHORITY_SUBJECT_REVOKED: BAD_SUBJECT,
  ERR_AUTHORITY_TENANT: BAD_SUBJECT,
  ERR_AUTHORITY_CLAIMS: BAD_SUBJECT,
  ERR_AUTHORITY_CLAIMS_OVERAGE: BAD_SUBJECT,
  ERR_AUTHORITY_SESSION_ENDED: BAD_SUBJECT,
  ERR_AUTHORITY_SESSION_KEY: BAD_SUBJECT,
  ERR_AUTHORITY_SESSION_CERTIFICATE: BAD_SUBJECT,
  ERR_AUTHORITY_ACTOR: { status: 400, title: 'the actor token was refused', oauth: 'invalid_grant' },
  ERR_AUTHORITY_DELEGATION_DEPTH: BAD_SUBJECT,
  ERR_AUTHORITY_REFRESH_TOKEN: BAD_REFRESH,
  ERR_AUTHORITY_REFRESH_IDLE: BAD_REFRESH,
  ERR_AUTHORITY_REFRESH_REUSED: BAD_REFRESH,
  ERR_AUTHORITY_DPOP: { status: 400, title: 'the DPoP proof was refused', oauth: 'invalid_dpop_proof' },
  ERR_AUTHORITY_DPOP_NONCE: { status: 400, title: 'the DPoP proof needs a nonce', oauth: 'use_dpop_nonce' },
  ERR_AUTHORITY_CERTIFICATE: { status: 400, title: 'a client certificate is required', oauth: 'invalid_request' },
  ERR_AUTHORITY_CERTIFICATE_HEADER: BAD_REQUEST,
  ERR_AUTHORITY_BIND_ADDRESS: BAD_REQUEST,
  ERR_AUTHORITY_BUDGET: { status: 400, title: 'the token would be too large', oauth: 'invalid_target' },
  ERR_AUTHORITY_NO_POLICY: { status: 503, title: 'no policy yet', oauth: 'temporarily_unavailable' },
  ERR_AUTHORITY_GRANT: { status: 422, title: 'the grant is not valid' },
  ERR_AUTHORITY_GRANT_TEMPLATE: { status: 422, title: 'the grant is not valid' },
  ERR_AUTHORITY_GRANT_TOO_MANY: { status: 409, title: 'too many grants' },
  ERR_AUTHORITY_POLICY_REVISION: { status: 412, title: 'the policy has changed' },
  ERR_AUTHORITY_POLICY_REVISION_MISSING: { status: 428, title: 'say which revision this is based on' },
  ERR_AUTHORITY_POLICY_PROBLEMS: { status: 422, title: 'the policy has problems' },
  ERR_AUTHORITY_KEY_STATE: { status: 409, title: 'the key is in another state' },
  ERR_AUTHORITY_KEY_YOUNG: { status: 409, title: 'the pending key is too young' },
  ERR_AUTHORITY_KEY_OUTAGE: { status: 409, title: 'the key has no successor' },
  ERR_AUTHORITY_REVOCATION: { status: 422, title: 'the revocation is not valid' },
  ERR_AUTHORITY_BREAK_GLASS: { status: 422, title: 'the break-glass statement is not valid' },
  ERR_AUTHORITY_CLIENT_EXISTS: { status: 409, title: 'the client exists' },
  ERR_AUTHORITY_FEED_GONE: { status: 410, title: 'take a snapshot' },
  ERR_AUTHORITY_DECISIONS: { status: 422, title: 'the records are not valid' },
  ERR_AUTHORITY_OPA_REPORT: { status: 422, title: 'the report is not valid' },
}

/** The two whose message is a fixed text of ours about the request's form; all others show their title only. */
const EXPLAINED: ReadonlySet<AuthorityErrorCode> = new Set<AuthorityErrorCode>([
  'ERR_AUTHORITY_REQUEST',
  'ERR_AUTHORITY_REQUEST_TOO_LARGE',
  'ERR_AUTHORITY_CONTENT_TYPE',
  'ERR_AUTHORITY_PARAMETER_REPEATED',
  'ERR_AUTHORITY_GRANT',
  'ERR_AUTHORITY_GRANT_TEMPLATE',
  'ERR_AUTHORITY_GRANT_TOO_MANY',
  'ERR_AUTHORITY_POLICY_REVISION',
  'ERR_AUTHORITY_POLICY_PROBLEMS',
  'ERR_AUTHORITY_KEY_STATE',
  'ERR_AUTHORITY_KEY_YOUNG',
  'ERR_AUTHORITY_KEY_OUTAGE',
  'ERR_AUTHORITY_REVOCATION',
  'ERR_AUTHORITY_BREAK_GLASS',
  'ERR_AUTHORITY_DECISIONS',
  'ERR_AUTHORITY_OPA_REPORT',
  'ERR_AUTHORITY_TARGET',
  'ERR_AUTHORITY_SCOPE',
  'ERR_AUTHORITY_DETAILS',
  'ERR_AUTHORITY_TOKEN_TYPE',
  'ERR_AUTHORITY_BIND_ADDRESS',
  'ERR_AUTHORITY_NO_POLICY',
])

/** What an unknown error becomes: the authority failed, and says no more. */
export function asAuthorityError(error: unknown): AuthorityError {
  if (error instanceof AuthorityError) return error
  return new AuthorityError('ERR_AUTHORITY_INTERNAL', undefined, { cause: error })
}

/** RFC 9457. */
export function problemAnswer(
  context: AppContext,
  error: AuthorityError,
  correlation: string,
  problems: readonly DescribedProblem[],
): Response {
  const { status, title } = MAPPINGS[error.code]
  const headers: Record<string, string> = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  // the guard knows which challenge fits
  if (error.cause instanceof DeniedError) Object.assign(headers, error.cause.headers)
  const body = {
    type: 'about:blank',
    title,
    status,
    code: error.code,
    ...(EXPLAINED.has(error.code)
      ? { detail: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) }
      : {}),
    ...(problems.length > 0 ? { problems } : {}),
    correlation,
  }
  return context.body(JSON.stringify(body), { status, headers })
}

/** RFC 6749 section 5.2. A client that did not authenticate always gets the same answer. */
export function oauthAnswer(context: AppContext, error: AuthorityError, correlation: string): Response {
  const mapping = MAPPINGS[error.code]
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    pragma: 'no-cache',
  }
  if (mapping.status === 401) headers['www-authenticate'] = 'Basic realm="cardea", charset="UTF-8"'
  const body = {
    error: mapping.oauth ?? 'invalid_request',
    error_description: EXPLAINED.has(error.code) ? error.message : mapping.title,
    code: error.code,
    correlation,
  }
  return context.body(JSON.stringify(body), { status: mapping.status, headers })
}
