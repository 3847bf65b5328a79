// The four algorithms. A key is bound to one of them for good (RFC 8725 section 3.1); there is no symmetric one and no
// `none`, so nothing that is public can ever serve as a secret.

import { constants, type KeyObject, sign, verify } from 'node:crypto'
import { promisify } from 'node:util'

export const SIGNATURE_ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const

export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number]

export interface Algorithm {
  /** How a JWK of this algorithm looks (RFC 7518 section 6, RFC 8037 section 2). */
  readonly kty: 'EC' | 'RSA' | 'OKP'
  readonly crv?: string
  /** The members that are the public key, besides `kty` and `crv`. */
  readonly numbers: readonly ('x' | 'y' | 'n' | 'e')[]
  /** Whether a signature has the one length of this algorithm and key, and numbers that are in range. Cheap. */
  isSignatureForm(signature: Uint8Array, key: KeyObject): boolean
  verify(input: Uint8Array, signature: Uint8Array, key: KeyObject): boolean
  /** RSA takes long enough to be worth another thread; the others take less than the way there and back. */
  sign(input: Uint8Array, key: KeyObject): Uint8Array | Promise<Uint8Array>
}

const signElsewhere = promisify(sign)

const RSA = {
  kty: 'RSA',
  numbers: ['e', 'n'],
  isSignatureForm: (signature: Uint8Array, key: KeyObject) => signature.length === modulusBytes(key),
} as const

export const ALGORITHMS: Readonly<Record<SignatureAlgorithm, Algorithm>> = {
  ES256: {
    kty: 'EC',
    crv: 'P-256',
    numbers: ['x', 'y'],
    isSignatureForm: (signature) =>
      signature.length === 64 && isScalar(signature.subarray(0, 32)) && isScalar(signature.subarray(32)),
    verify: (input, signature, key) => verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature),
    sign: (input, key) => sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }),
  },
  RS256: {
    ...RSA,
    verify: (input, signature, key) =>
      verify('sha256', input, { key, padding: constants.RSA_PKCS1_PADDING }, signature),
    sign: (input, key) => signElsewhere('sha256', input, { key, padding: constants.RSA_PKCS1_PADDING }),
  },
  PS256: {
    ...RSA,
    verify: (input, signature, key) =>
      verify(
        'sha256',
        input,
        { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
        signature,
      ),
    sign: (input, key) =>
      signElsewhere('sha256', input, {
        key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      }),
  },
  EdDSA: {
    kty: 'OKP',
    crv: 'Ed25519',
    numbers: ['x'],
    isSignatureForm: (signature) => signature.length === 64,
    verify: (input, signature, key) => verify(null, input, key, signature),
    sign: (input, key) => sign(null, input, key),
  },
}

export function isSignatureAlgorithm(value: unknown): value is SignatureAlgorithm {
  return SIGNATURE_ALGORITHMS.some((algorithm) => algorithm === value)
}

/** What a header or a key calls an algorithm, as one of ours: RFC 9864 renamed `EdDSA` with this curve to `Ed25519`. */
export function algorithmNamed(name: unknown): SignatureAlgorithm | undefined {
  if (name === 'Ed25519') return 'EdDSA'
  return isSignatureAlgorithm(name) ? name : undefined
}

/** The order of P-256 (SEC 2, section 2.4.2). */
const P256_ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
const ZERO = Buffer.alloc(32)

function isScalar(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, ZERO) > 0 && Buffer.compare(bytes, P256_ORDER) < 0
}

function modulusBytes(key: KeyObject): number {
  return Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)
}
