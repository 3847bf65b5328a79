// The port for a signer outside: a KMS, an HSM, another process. It makes keys and signs with them; the authority sees public halves and
// signatures alone, and verifies each of those before it leaves.

import { createExternalKey, type JsonWebKey, publicJwk, type SignatureAlgorithm, TokenError } from '@cardea/token'
import { AuthorityError } from '../errors.ts'
import type { KeyPurpose } from '../store/records.ts'
import { type Algorithms, SIGNER_MARK, type Vault } from './vault.ts'

export interface ExternalSigner {
  /**
   * Makes a key pair that signs by this algorithm and nothing else: at the first start, and at every rotation and kill. Answers how the signer calls
   * it, which is kept in the database and is no secret, and its public half.
   */
  createKey(request: CreateKeyRequest): Promise<ExternalKey>
  /**
   * A signature in the form of JWS (RFC 7518 section 3): for ES256 the 64 bytes of r and s, not DER. Once a token and once a bundle. To be
   * given up when the signal fires, after five seconds.
   */
  sign(request: SignRequest): Promise<Uint8Array>
}

export interface CreateKeyRequest {
  readonly purpose: KeyPurpose
  readonly algorithm: SignatureAlgorithm
  readonly signal: AbortSignal
}

export interface ExternalKey {
  readonly reference: string
  readonly publicJwk: JsonWebKey
}

export interface SignRequest {
  readonly reference: string
  readonly algorithm: SignatureAlgorithm
  readonly input: Uint8Array
  readonly signal: AbortSignal
}

const TIMEOUT_MILLISECONDS = 5000
/** Keys that were sealed before there was a signer go on to sign, by `sealed`, until they are rotated away. */
export function createExternalVault(signer: ExternalSigner, sealed: Vault | undefined, algorithms: Algorithms): Vault {
  return {
    async make(purpose) {
      const algorithm = algorithms[purpose]
      const { reference, publicJwk: given } = await within((signal) => signer.createKey({ purpose, algorithm, signal }))
      const { kid: _, ...members } = given
      const key = createExternalKey({ ...members, alg: algorithm, use: 'sig' }, refuseToSign)
      return { kid: key.kid, algorithm, publicJwk: publicJwk(key), sealed: `${SIGNER_MARK}${reference}` }
    },
    open(key) {
      const { sealed: kept, algorithm } = key
      if (kept.startsWith(SIGNER_MARK)) {
        const reference = kept.slice(SIGNER_MARK.length)
        const external = createExternalKey(key.publicJwk, (input) =>
          within((signal) => signer.sign({ reference, algorithm, input, signal })),
        )
        return { ...external, sign: async (input) => refuseOthers(() => external.sign(input)) }
      }
      if (sealed !== undefined) return sealed.open(key)
      throw new AuthorityError('ERR_AUTHORITY_KEY_SEALED', undefined, {
        hint: 'this database has keys from before the signer: give the encryption key as well, and rotate each purpose twice',
      })
    },
    fits: ({ purpose, algorithm, sealed: kept }) => algorithm === algorithms[purpose] && kept.startsWith(SIGNER_MARK),
    reseal: (key) => sealed?.reseal(key),
  }
}

/** A signer that answers with what is no signature of its key is as one that fails. Errors: `ERR_AUTHORITY_SIGNER`. */
async function refuseOthers(sign: () => Uint8Array | Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await sign()
  } catch (cause) {
    if (!(cause instanceof TokenError)) throw cause
    throw new AuthorityError('ERR_AUTHORITY_SIGNER', cause.message, {
      hint: 'for ES256 a signer answers the 64 bytes of r and s, not DER',
      cause,
    })
  }
}

/** Errors: `ERR_AUTHORITY_SIGNER`. What the signer says of itself stays in the cause. */
async function within<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS)
  const late = Promise.withResolvers<never>()
  const onLate = (): void => late.reject(signal.reason)
  signal.addEventListener('abort', onLate)
  try {
    return await Promise.race([ask(signal), late.promise])
  } catch (cause) {
    throw new AuthorityError('ERR_AUTHORITY_SIGNER', undefined, {
      hint: 'is the signer reachable, and may this authority use its keys?',
      cause,
    })
  } finally {
    signal.removeEventListener('abort', onLate)
  }
}

function refuseToSign(): never {
  throw new TypeError('a key that is being made signs nothing')
}
