// A public key that may verify: checked once, bound to one algorithm, strong enough, small enough, and meant for it.

import { createPublicKey, type KeyObject } from 'node:crypto'
import { TokenError } from '../errors.ts'
import { isPlainText } from '../json/plain-text.ts'
import { ALGORITHMS, algorithmNamed, SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../jws/algorithm.ts'
import { decodeBase64url } from '../jws/base64url.ts'
import { type PublicMembers, thumbprintOf } from './json-web-key.ts'

export interface VerificationKey {
  readonly kid: string
  readonly algorithm: SignatureAlgorithm
  readonly publicKey: KeyObject
  /** RFC 7638, SHA-256. */
  readonly thumbprint: string
}

/** A public key without a name, as a DPoP proof carries it. */
export type UnnamedKey = Omit<VerificationKey, 'kid'>

/** 2048 bits is the least of RFC 7518 section 3.3; beyond 8192 one verification costs a caller nothing and us milliseconds. */
const MIN_RSA_BITS = 2048
const MAX_RSA_BITS = 8192
const MIN_RSA_EXPONENT = 65_537n
const MAX_RSA_EXPONENT = 0xffff_ffffn
const MAX_KID_LENGTH = 256

/**
 * A JWK as a key that verifies. Throws `ERR_TOKEN_KEY_ID`, `..._FORM`, `..._SYMMETRIC`, `..._PRIVATE`, `..._USE`,
 * `..._UNSUPPORTED` or `..._WEAK`. An RSA key that names no `alg` is taken for RS256, and for that alone.
 */
export function readVerificationKey(jwk: unknown): VerificationKey {
  const key = readUnnamedKey(jwk)
  const kid = isRecord(jwk) ? jwk['kid'] : undefined
  if (!isPlainText(kid, MAX_KID_LENGTH)) throw new TokenError('ERR_TOKEN_KEY_ID')
  return Object.freeze({ kid, ...key })
}

/** The same without a `kid`, and with the algorithm that the caller has in mind, if the key names none. */
export function readUnnamedKey(jwk: unknown, assumed?: SignatureAlgorithm): UnnamedKey {
  if (!isRecord(jwk) || typeof jwk['kty'] !== 'string') throw new TokenError('ERR_TOKEN_KEY_FORM')
  if (jwk['kty'] === 'oct' || jwk['k'] !== undefined) throw new TokenError('ERR_TOKEN_KEY_SYMMETRIC')
  if (PRIVATE_MEMBERS.some((member) => jwk[member] !== undefined)) throw new TokenError('ERR_TOKEN_KEY_PRIVATE')
  checkUse(jwk)
  const algorithm = algorithmOf(jwk, assumed)
  const members = readMembers(jwk, algorithm)
  const publicKey = importPublicKey(members)
  if (members.kty === 'RSA') checkRsaStrength(publicKey)
  return { algorithm, publicKey, thumbprint: thumbprintOf(members) }
}

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv']

/** `use` and `key_ops` (RFC 7517 sections 4.2, 4.3), where they are given, say verifying and nothing else. */
function checkUse(jwk: Readonly<Record<string, unknown>>): void {
  const { use, key_ops: operations } = jwk
  if (use !== undefined && use !== 'sig') throw new TokenError('ERR_TOKEN_KEY_USE', undefined, { member: 'use' })
  if (operations === undefined) return
  if (!Array.isArray(operations) || operations.length !== 1 || operations[0] !== 'verify') {
    throw new TokenError('ERR_TOKEN_KEY_USE', undefined, { member: 'key_ops' })
  }
}

function algorithmOf(
  { kty, crv, alg }: Readonly<Record<string, unknown>>,
  assumed: SignatureAlgorithm | undefined,
): SignatureAlgorithm {
  const natural = assumed ?? SIGNATURE_ALGORITHMS.find((name) => isOfShape(name, kty, crv))
  const algorithm = alg === undefined ? natural : algorithmNamed(alg)
  if (algorithm === undefined || !isOfShape(algorithm, kty, crv)) {
    throw new TokenError('ERR_TOKEN_KEY_UNSUPPORTED')
  }
  return algorithm
}

/** RS256 stands before PS256 in the list, so it is what an RSA key without `alg` is for. */
function isOfShape(algorithm: SignatureAlgorithm, kty: unknown, crv: unknown): boolean {
  const shape = ALGORITHMS[algorithm]
  return kty === shape.kty && crv === shape.crv
}

/** Each number has one spelling: canonical base64url, full length on a curve, no leading zero in RSA (RFC 7518 section 6). */
function readMembers(jwk: Readonly<Record<string, unknown>>, algorithm: SignatureAlgorithm): PublicMembers {
  const { kty, crv, numbers } = ALGORITHMS[algorithm]
  const members: Partial<Record<'x' | 'y' | 'n' | 'e', string>> = {}
  for (const member of numbers) {
    const value = jwk[member]
    if (typeof value !== 'string' || !isNumberForm(kty, decodeBase64url(value))) {
      throw new TokenError('ERR_TOKEN_KEY_FORM', undefined, { member })
    }
    members[member] = value
  }
  return crv === undefined ? { kty, ...members } : { kty, crv, ...members }
}

function isNumberForm(kty: string, bytes: Uint8Array | undefined): boolean {
  if (bytes === undefined) return false
  return kty === 'RSA' ? bytes.length > 0 && bytes[0] !== 0 : bytes.length === 32
}

function importPublicKey(members: PublicMembers): KeyObject {
  try {
    return createPublicKey({ key: members, format: 'jwk' })
  } catch (cause) {
    // Not a point of the curve, for example.
    throw new TokenError('ERR_TOKEN_KEY_FORM', undefined, { cause })
  }
}

function checkRsaStrength(key: KeyObject): void {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  const strong = modulusLength >= MIN_RSA_BITS && modulusLength <= MAX_RSA_BITS
  const sound = publicExponent >= MIN_RSA_EXPONENT && publicExponent <= MAX_RSA_EXPONENT && publicExponent % 2n === 1n
  if (!strong || !sound) throw new TokenError('ERR_TOKEN_KEY_WEAK')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
