// A key whose private half is in another place, which signs and never gives it away: a KMS, an HSM. What comes back is verified before it
// leaves, so a signer that fails, or answers for another key, makes no token that somebody else has to refuse.

import { TokenError } from '../errors.ts'
import { ALGORITHMS } from '../jws/algorithm.ts'
import { type JsonWebKey, thumbprintOf } from './json-web-key.ts'
import type { SigningKey } from './signing-key.ts'
import { readUnnamedKey } from './verification-key.ts'

/**
 * `jwk`: the public half with its `alg`; without a `kid` the RFC 7638 thumbprint is its name. Throws the `ERR_TOKEN_KEY_...` codes of a public
 * key. Signing throws what `sign` throws, and `ERR_TOKEN_SIGNATURE` for what is no signature of this key.
 */
export function createExternalKey(jwk: JsonWebKey, sign: (input: Uint8Array) => Promise<Uint8Array>): SigningKey {
  const { algorithm, publicKey } = readUnnamedKey(jwk)
  const form = ALGORITHMS[algorithm]
  return Object.freeze({
    kid: jwk.kid ?? thumbprintOf(jwk),
    algorithm,
    publicKey,
    async sign(input: Uint8Array) {
      const signature = await sign(input)
      if (form.isSignatureForm(signature, publicKey) && form.verify(input, signature, publicKey)) return signature
      throw new TokenError('ERR_TOKEN_SIGNATURE', 'what the signer answered is no signature of its key')
    },
  })
}
