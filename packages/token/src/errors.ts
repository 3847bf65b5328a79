// The one error of this package. A message never holds a token, a key, a secret or the value of a claim.

/** Every code of this package and what it means, one line each. docs/errors.md has the cause and the fix. */
export const TOKEN_ERRORS = {
  // the text: three canonical base64url parts within the size cap
  ERR_TOKEN_TEXT: 'a token is a non-empty string',
  ERR_TOKEN_SIZE: 'the token is longer than the limit',
  ERR_TOKEN_PARTS: 'the token is not three parts in compact form',
  ERR_TOKEN_ENCODING: 'a part of the token is not canonical base64url',
  // JSON, in headers, claims and key sets alike
  ERR_TOKEN_JSON: 'the text is not JSON',
  ERR_TOKEN_JSON_TEXT: 'the JSON text is not well-formed Unicode, or begins with a byte order mark',
  ERR_TOKEN_JSON_SIZE: 'the JSON text or the number of its values is over the limit',
  ERR_TOKEN_JSON_DEPTH: 'the JSON text is nested deeper than the limit',
  ERR_TOKEN_JSON_DUPLICATE: 'a member name stands twice in one JSON object',
  ERR_TOKEN_JSON_PROTO: 'a member of a JSON object is named `__proto__`',
  ERR_TOKEN_JSON_NUMBER: 'a JSON number cannot be held exactly',
  // the header
  ERR_TOKEN_HEADER: 'the header has a member that this kind of token must not have, or one of the wrong form',
  ERR_TOKEN_CRITICAL: 'the header demands an extension that is not understood',
  ERR_TOKEN_ALGORITHM: 'the algorithm of the header is not one that this verifier was configured with',
  ERR_TOKEN_TYPE: 'the token is of another kind than the one that is expected here',
  ERR_TOKEN_KID: 'the header names no key, or names it in an impossible way',
  // the key and the signature
  ERR_TOKEN_KEY_UNKNOWN: 'the key that the header names is not in the key set',
  ERR_TOKEN_KEY_ALGORITHM: 'the key that the header names belongs to another algorithm',
  ERR_TOKEN_KEYS_UNAVAILABLE: 'no key set that is fresh enough could be had',
  ERR_TOKEN_SIGNATURE_FORM: 'the signature has the wrong length, or numbers out of range',
  ERR_TOKEN_SIGNATURE: 'the signature does not verify',
  // the claims
  ERR_TOKEN_CLAIM_MISSING: 'a required claim is missing',
  ERR_TOKEN_CLAIM: 'a claim is of the wrong type or form',
  ERR_TOKEN_ISSUER: 'the token is from another issuer',
  ERR_TOKEN_AUDIENCE: 'the token is for another audience',
  ERR_TOKEN_AUDIENCES: 'the token names more audiences than the limit',
  ERR_TOKEN_TIMES: 'the token ends before it was issued',
  ERR_TOKEN_EXPIRED: 'the token has expired',
  ERR_TOKEN_NOT_YET: 'the token is not valid yet',
  ERR_TOKEN_ISSUED_AHEAD: 'the token says that it was issued in the future',
  ERR_TOKEN_LIFETIME: 'the token lives longer than its issuer may let it live',
  ERR_TOKEN_CONFIRMATION: 'the token is bound in a way that is not understood',
  // binding to the request
  ERR_TOKEN_BINDING_SCHEME: 'the token came under the wrong authentication scheme for its binding',
  ERR_TOKEN_BINDING_DPOP: 'the token is bound to a key, and the proof is missing or of another key',
  ERR_TOKEN_BINDING_CERTIFICATE: 'the token is bound to a certificate, and the peer showed none or another one',
  ERR_TOKEN_BINDING_ADDRESS: 'the token is bound to networks, and the address is unknown or outside of them',
  ERR_TOKEN_BINDING_TENANT: 'the request is for another tenant than the token',
  ERR_TOKEN_CERTIFICATE: 'a text that must be one certificate is none',
  // DPoP proofs
  ERR_TOKEN_DPOP_KEY: 'the proof does not carry a usable public key',
  ERR_TOKEN_DPOP_METHOD: 'the proof is for another method',
  ERR_TOKEN_DPOP_URL: 'the proof is for another address',
  ERR_TOKEN_DPOP_AGE: 'the proof is too old, or from the future',
  ERR_TOKEN_DPOP_TOKEN: 'the proof is for another access token, or for none',
  ERR_TOKEN_DPOP_THUMBPRINT: 'the proof is by another key than the one that is expected',
  ERR_TOKEN_DPOP_NONCE_MISSING: 'the proof carries no nonce, and one is required',
  ERR_TOKEN_DPOP_NONCE: 'the nonce of the proof is not ours, or is too old',
  ERR_TOKEN_DPOP_REPLAY: 'the proof was used before',
  ERR_TOKEN_DPOP_REPLAY_FULL: 'the replay store is full, so no proof can be shown to be new',
  ERR_TOKEN_DPOP_REPLAY_UNAVAILABLE: 'the replay store did not answer, so no proof can be shown to be new',
  // key sets and keys
  ERR_TOKEN_KEY_SET: 'the text is not a JSON Web Key Set, or has more keys than the limit',
  ERR_TOKEN_KEY_FORM: 'a key has a member of the wrong type or form',
  ERR_TOKEN_KEY_ID: 'a key has no `kid`, or an impossible one',
  ERR_TOKEN_KEY_DUPLICATE: 'two keys of a set have the same `kid`',
  ERR_TOKEN_KEY_SYMMETRIC: 'a key set holds a symmetric key',
  ERR_TOKEN_KEY_PRIVATE: 'a key set holds private members',
  ERR_TOKEN_KEY_USE: 'a key is not meant for verifying signatures',
  ERR_TOKEN_KEY_UNSUPPORTED: 'a key is of a type, curve or algorithm that is not supported',
  ERR_TOKEN_KEY_WEAK: 'a key is too weak, or too large to verify in bounded time',
  ERR_TOKEN_KEYS_URL: 'a key set is only fetched over https, or over http from the same machine',
  ERR_TOKEN_KEYS_FETCH: 'the key set could not be fetched',
  // ours
  ERR_TOKEN_CONFIGURATION: 'a verifier is configured in a way that cannot be safe',
  ERR_TOKEN_INTERNAL: 'the verifier failed; the token is refused',
} as const

export type TokenErrorCode = keyof typeof TOKEN_ERRORS

export interface TokenErrorDetails {
  /** The name of the claim or header member it is about; never its value. Only names that the specs define. */
  readonly member?: string
  readonly hint?: string
  readonly cause?: unknown
  /** Of `ERR_TOKEN_ISSUER` and `ERR_TOKEN_AUDIENCE`: what the verifier was configured with. */
  readonly expected?: string
  /** Of the same: what the token says. For the log, never for an answer. */
  readonly found?: string
  /** Of `ERR_TOKEN_NOT_YET` and `ERR_TOKEN_ISSUED_AHEAD`: by how many seconds, at least, the clocks differ. */
  readonly skewSeconds?: number
}

/** A token, proof, key or key set that was refused, and why. Safe to log; not meant to be shown to the caller. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
  readonly code: TokenErrorCode
  readonly member: string | undefined
  readonly hint: string | undefined
  readonly expected: string | undefined
  readonly found: string | undefined
  readonly skewSeconds: number | undefined

  constructor(code: TokenErrorCode, message: string = TOKEN_ERRORS[code], details: TokenErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.member = details.member
    this.hint = details.hint
    this.expected = details.expected
    this.found = details.found
    this.skewSeconds = details.skewSeconds
  }
}

/** What an unexpected throw becomes: refused all the same, and the cause kept for the log. */
export function asTokenError(thrown: unknown): TokenError {
  return thrown instanceof TokenError ? thrown : new TokenError('ERR_TOKEN_INTERNAL', undefined, { cause: thrown })
}
