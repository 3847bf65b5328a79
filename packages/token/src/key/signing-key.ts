// A key pair that signs. The private half stays in Node's `KeyObject`, which prints nothing of it, or in another place altogether
// (external-key.ts).

import { createPrivateKey, createPublicKey, KeyObject } from 'node:crypto'
import { generateKeyPair } from 'jose'
import { TokenError } from '../errors.ts'
import { ALGORITHMS, isSignatureAlgorithm, type SignatureAlgorithm } from '../jws/algorithm.ts'
import { type JsonWebKey, type PrivateJsonWebKey, type PublicMembers, thumbprintOf } from './json-web-key.ts'
import { readVerificationKey } from './verification-key.ts'

/** What signs, wherever its private half is. */
export interface SigningKey {
  readonly kid: string
  readonly algorithm: SignatureAlgorithm
  readonly publicKey: KeyObject
  /** The signature over the bytes, in the form of JWS (RFC 7518 section 3, RFC 8037 section 3.1). */
  sign(input: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** One whose private half is in this process. */
export interface LocalSigningKey extends SigningKey {
  readonly privateKey: KeyObject
}

/** A new key pair (RSA: 2048 bits). Its `kid` is the RFC 7638 thumbprint unless one is given. */
export async function generateSigningKey(
  algorithm: SignatureAlgorithm,
  options: { readonly kid?: string } = {},
): Promise<LocalSigningKey> {
  const curve = algorithm === 'EdDSA' ? { crv: 'Ed25519' } : {}
  const pair = await generateKeyPair(algorithm, { extractable: true, ...curve })
  const privateKey = KeyObject.from(pair.privateKey)
  const publicKey = KeyObject.from(pair.publicKey)
  const kid = options.kid ?? thumbprintOf(exportPublic(publicKey))
  return localKey({ kid, algorithm, privateKey, publicKey })
}

/** The public half as it stands in a key set: with `kid`, `alg` and `use`. */
export function publicJwk(key: SigningKey): JsonWebKey & { readonly kid: string } {
  return { ...exportPublic(key.publicKey), kid: key.kid, alg: key.algorithm, use: 'sig' }
}

/** The whole key as a JWK. A secret. */
export function exportSigningKey(key: LocalSigningKey): PrivateJsonWebKey {
  const { d = '', p, q, dp, dq, qi } = key.privateKey.export({ format: 'jwk' })
  return {
    ...exportPublic(key.publicKey),
    d,
    ...(p !== undefined &&
      q !== undefined &&
      dp !== undefined &&
      dq !== undefined &&
      qi !== undefined && { p, q, dp, dq, qi }),
    kid: key.kid,
    alg: key.algorithm,
    use: 'sig',
  }
}

/**
 * A key from what `exportSigningKey` gave. Throws the `ERR_TOKEN_KEY_...` codes of a public key, and `ERR_TOKEN_KEY_FORM` if
 * there is no private part, it does not import, or it does not belong to the public part.
 */
export function importSigningKey(jwk: PrivateJsonWebKey): LocalSigningKey {
  const { kid, alg, use: _, ...members } = jwk
  if (typeof members.d !== 'string') throw new TokenError('ERR_TOKEN_KEY_FORM', undefined, { member: 'd' })
  if (!isSignatureAlgorithm(alg)) throw new TokenError('ERR_TOKEN_KEY_UNSUPPORTED', undefined, { member: 'alg' })
  const privateKey = importPrivateKey(members)
  const publicKey = createPublicKey(privateKey)
  return localKey({ kid, algorithm: alg, privateKey, publicKey })
}

function importPrivateKey(members: Omit<PrivateJsonWebKey, 'kid' | 'alg' | 'use'>): KeyObject {
  try {
    return createPrivateKey({ key: members, format: 'jwk' })
  } catch {
    // No cause: what a parser says about a secret may quote it.
    throw new TokenError('ERR_TOKEN_KEY_FORM', 'the private key cannot be read')
  }
}

function exportPublic(publicKey: KeyObject): PublicMembers {
  const { kty = '', crv, x, y, n, e } = publicKey.export({ format: 'jwk' })
  if (n !== undefined && e !== undefined) return { kty, n, e }
  return { kty, ...(crv !== undefined && { crv }), ...(x !== undefined && { x }), ...(y !== undefined && { y }) }
}

/** A key of our own making goes through the same checks as everybody's. */
function localKey(parts: Omit<LocalSigningKey, 'sign'>): LocalSigningKey {
  const { privateKey, algorithm } = parts
  const key = { ...parts, sign: (input: Uint8Array) => ALGORITHMS[algorithm].sign(input, privateKey) }
  readVerificationKey(publicJwk(key))
  return Object.freeze(key)
}
