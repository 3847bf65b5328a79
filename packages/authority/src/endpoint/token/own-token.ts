// Our own access tokens, brought back to the token endpoint: as a subject or as an actor.

import {
  createLocalKeys,
  createVerifier,
  decodeToken,
  SIGNATURE_ALGORITHMS,
  TokenError,
  type VerifiedToken,
} from '@cardea/token'
import { AuthorityError, type AuthorityErrorCode } from '../../errors.ts'
import type { Parts } from '../../parts.ts'

/**
 * A token of this authority for one of the audiences: kind, signature, issuer, times. Whether it was revoked is not checked here.
 * Errors: the given code, with the `TokenError` as its cause.
 */
export async function verifyOwnToken(
  text: string,
  audiences: readonly string[],
  refusedAs: AuthorityErrorCode,
  { settings, keys, longestSeconds, now }: Parts,
): Promise<VerifiedToken> {
  try {
    // unchecked: it chooses which of our audiences the token is then checked for
    const { aud } = decodeToken(text).unverifiedClaims
    const audience = audiences.find((id) => id === aud)
    if (audience === undefined) throw new AuthorityError(refusedAs)
    const verifier = createVerifier({
      issuer: settings.issuer,
      audience,
      keys: createLocalKeys(keys.publicKeys('access')),
      // each key is bound to its own: one from before another was configured still counts
      algorithms: SIGNATURE_ALGORITHMS,
      maxTokenBytes: settings.limits.bodyBytes,
      maxLifetimeSeconds: longestSeconds,
      cacheSize: 0,
      now,
    })
    return await verifier.verify(text)
  } catch (cause) {
    if (cause instanceof TokenError) throw new AuthorityError(refusedAs, undefined, { cause })
    throw cause
  }
}
