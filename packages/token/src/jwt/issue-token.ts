// Issuing (RFC 9068 section 2). INVARIANT: what is issued here is in a form that the verifier accepts.

import { parseStrictJson } from '../json/strict-json.ts'
import { signJws } from '../jws/sign-jws.ts'
import type { SigningKey } from '../key/signing-key.ts'
import { readClaims, type TokenClaims } from './token-claims.ts'

export interface IssueTokenOptions {
  /** The `typ` of the header. Default `'at+jwt'`, which also requires `client_id` and `jti`. */
  readonly type?: string
}

/**
 * A signed token of these claims. Members that are `undefined` are left out. Claims that no verifier would accept are a
 * `TypeError` with the verifier's own error as its cause. Lifetime and size are the caller's to bound.
 */
export async function issueToken(
  claims: TokenClaims,
  key: SigningKey,
  options: IssueTokenOptions = {},
): Promise<string> {
  const { type = 'at+jwt' } = options
  const payload = Buffer.from(JSON.stringify(claims))
  try {
    readClaims(parseStrictJson(payload), type)
  } catch (cause) {
    throw new TypeError('these claims would be refused by every verifier', { cause })
  }
  if (claims.exp <= claims.iat) throw new TypeError('a token ends after it is issued')
  return signJws(payload, key, { type })
}
