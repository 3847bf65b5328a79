// What a header may say (RFC 7515 section 4, RFC 8725). The header proposes; our configuration decides. Members that point
// at keys (`jku`, `x5u`, `jwk`, `x5c`) are never read here: a key comes from the key set, by `kid`.

import { TokenError } from '../errors.ts'
import type { JsonObject } from '../json/json-value.ts'
import { isPlainText } from '../json/plain-text.ts'
import { algorithmNamed, type SignatureAlgorithm } from './algorithm.ts'

/**
 * Takes tokens that have no `typ` at all. Some identity providers issue such access tokens, but then nothing in the token
 * tells it from an ID token or a logout token of the same issuer and audience. A symbol, so that no file can say it.
 */
export const ACCEPT_TOKENS_OF_ANY_KIND_WITHOUT_TYP: unique symbol = Symbol('accept tokens of any kind without typ')

/** The exact media type that a kind of token names in `typ`, without `application/`. */
export type TokenType = string | typeof ACCEPT_TOKENS_OF_ANY_KIND_WITHOUT_TYP

export interface HeaderRules {
  readonly algorithms: readonly SignatureAlgorithm[]
  readonly type: TokenType
}

/** The members of a header that count. */
export interface TokenHeader {
  /** `EdDSA` also for a header that says `Ed25519`. */
  readonly alg: SignatureAlgorithm
  readonly kid: string
  readonly typ?: string
}

export const MAX_KID_LENGTH = 256

/** Checks all but `kid`: a DPoP proof carries its key instead. */
export function checkHeader(header: JsonObject, rules: HeaderRules): SignatureAlgorithm {
  // No extension is understood, so any `crit` is one too many; `b64` changes what is signed and needs `crit` (RFC 7797).
  if (header['crit'] !== undefined || header['b64'] !== undefined) throw new TokenError('ERR_TOKEN_CRITICAL')
  const alg = algorithmNamed(header['alg'])
  if (alg === undefined || !rules.algorithms.includes(alg)) throw new TokenError('ERR_TOKEN_ALGORITHM')
  for (const member of FOREIGN_MEMBERS) {
    if (header[member] !== undefined) throw new TokenError('ERR_TOKEN_HEADER', undefined, { member })
  }
  if (!isType(header['typ'], rules.type)) throw new TokenError('ERR_TOKEN_TYPE')
  return alg
}

/** Throws `ERR_TOKEN_KID` for a missing, empty, overlong or unprintable `kid`. */
export function readTokenHeader(header: JsonObject, rules: HeaderRules): TokenHeader {
  const alg = checkHeader(header, rules)
  const { kid, typ } = header
  if (!isPlainText(kid, MAX_KID_LENGTH)) throw new TokenError('ERR_TOKEN_KID')
  return typeof typ === 'string' ? { alg, kid, typ } : { alg, kid }
}

/** Compression and encryption belong to JWE; a `cty` says that the payload is another token. None is ours to unwrap. */
const FOREIGN_MEMBERS = ['zip', 'enc', 'cty']

/** Exact, with the two spellings of RFC 7515 section 4.1.9, which RFC 9068 section 4 names one by one. Case counts. */
function isType(typ: unknown, expected: TokenType): boolean {
  if (expected === ACCEPT_TOKENS_OF_ANY_KIND_WITHOUT_TYP) return typ === undefined
  return typ === expected || typ === `application/${expected}`
}
