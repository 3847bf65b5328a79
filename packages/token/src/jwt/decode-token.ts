// Looking into a token without believing it: for tools that show tokens, and for errors. Never for a decision.

import { TokenError } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../json/json-value.ts'
import { parseStrictJson } from '../json/strict-json.ts'
import { parseCompact } from '../jws/compact.ts'

/** What anybody could have written. */
export interface UnverifiedToken {
  readonly unverifiedHeader: JsonObject
  readonly unverifiedClaims: JsonObject
}

/** What a tool reads at most. */
export const MAX_UNVERIFIED_BYTES = 65_536

/** Reads without a key: no signature, time, issuer or kind is checked. Throws `TokenError` if the text is no signed JWT at all. */
export function decodeToken(text: string): UnverifiedToken {
  const { header, payload } = parseCompact(text, MAX_UNVERIFIED_BYTES)
  const claims = parseStrictJson(payload, { maxBytes: MAX_UNVERIFIED_BYTES })
  if (!isJsonObject(claims)) throw new TokenError('ERR_TOKEN_CLAIM', 'the claims are not a JSON object')
  return { unverifiedHeader: header, unverifiedClaims: claims }
}
