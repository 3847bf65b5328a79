// Why a request was refused, exactly: for decision records, logs and metrics. What the caller is told is another matter
// (problem.ts).

/** Every reason and what it means, one line each. */
export const REASONS = {
  // who asks
  no_token: 'the request carries no token',
  invalid_request: 'the request carries credentials in more than one way, or malformed ones',
  invalid_token: 'the token was refused',
  expired: 'the token has expired',
  revoked: 'the token, or what it was derived from, was revoked',
  binding: 'the token is bound to a key, a certificate or a network that this request does not come with',
  tenant_mismatch: 'the request, or the guard, is for another tenant than the token',
  claims_outdated: 'the policies of the action read something that the token was not packed with',
  stale: 'the guard has not heard from the authority for longer than the action accepts',
  unavailable: 'something that is needed to decide could not be had',
  unrecordable: 'it would be allowed, but its record cannot be kept, which the action asks for',
  // what the policies say
  no_permit: 'no policy permits it',
  forbid: 'a policy forbids it',
  forbid_error: 'a policy that forbids could not be evaluated',
  decider_denied: 'the decider that the action was given does not allow it',
  decider_failed: 'the decider that the action was given could not be asked, or gave no answer that can be used',
  context_missing: 'a fact that the schema requires of the request is not known',
  invalid_entity: 'the loaded entity does not fit the schema',
  not_found: 'the resource does not exist',
  // what the handler did
  unchecked: 'the handler answered without a decision for the action of its route',
  ignored_deny: 'the handler answered in spite of a deny',
} as const

export type Reason = keyof typeof REASONS
