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
import type { StoreView } from '../../store/store.ts'

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

/**
 * Whether the key that signed the token still verifies, as the store says it. Another authority may have killed it a moment ago, and what a
 * thief signs with it has whatever number he likes: no revocation touches that, nor what it is exchanged for after the kill. The answer
 * holds for the position of the same read.
 */
export async function isOfLivingKey(
  { keyId }: VerifiedToken,
  view: StoreView,
  { keys }: Pick<Parts, 'keys'>,
): Promise<boolean> {
  return keys.verifying(await view.keys(), 'access').keys.some(({ kid }) => kid === keyId)
}
