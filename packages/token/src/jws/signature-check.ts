// From a header to a verified signature: the key comes from the key set by `kid`, and must be of the algorithm that both the
// header and the configuration name.

import { asTokenError, TokenError } from '../errors.ts'
import type { KeySource } from '../jwks/key-source.ts'
import type { UnnamedKey, VerificationKey } from '../key/verification-key.ts'
import { ALGORITHMS } from './algorithm.ts'
import type { CompactJws } from './compact.ts'
import type { TokenHeader } from './header.ts'

/** Throws `ERR_TOKEN_KEY_UNKNOWN`, `ERR_TOKEN_KEY_ALGORITHM`, `ERR_TOKEN_KEYS_UNAVAILABLE` or what the source throws. */
export async function findKey(keys: KeySource, header: TokenHeader): Promise<VerificationKey> {
  let key: VerificationKey | undefined
  try {
    key = await keys.key(header.kid, header.alg)
  } catch (thrown) {
    throw thrown instanceof TokenError
      ? thrown
      : new TokenError('ERR_TOKEN_KEYS_UNAVAILABLE', undefined, { cause: asTokenError(thrown) })
  }
  if (key === undefined) throw new TokenError('ERR_TOKEN_KEY_UNKNOWN')
  if (key.algorithm !== header.alg) throw new TokenError('ERR_TOKEN_KEY_ALGORITHM')
  return key
}

/** Throws `ERR_TOKEN_SIGNATURE_FORM` or `ERR_TOKEN_SIGNATURE`. */
export function checkSignature(jws: CompactJws, key: UnnamedKey): void {
  const algorithm = ALGORITHMS[key.algorithm]
  if (!algorithm.isSignatureForm(jws.signature, key.publicKey)) throw new TokenError('ERR_TOKEN_SIGNATURE_FORM')
  if (!algorithm.verify(jws.signingInput, jws.signature, key.publicKey)) throw new TokenError('ERR_TOKEN_SIGNATURE')
}
