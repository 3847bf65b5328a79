// DPoP proofs (RFC 9449 section 4.3): that the caller holds the key, for this request, now, and once.

import { createHash } from 'node:crypto'
import { systemNow } from '../clock.ts'
import { asTokenError, TokenError } from '../errors.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts'
import { isPlainText } from '../json/plain-text.ts'
import { parseStrictJson } from '../json/strict-json.ts'
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../jws/algorithm.ts'
import { parseCompact } from '../jws/compact.ts'
import { checkHeader } from '../jws/header.ts'
import { checkSignature } from '../jws/signature-check.ts'
import { readUnnamedKey, type UnnamedKey } from '../key/verification-key.ts'
import { isEqualText } from '../text-equality.ts'
import type { NonceSource } from './nonces.ts'
import type { ReplayStore } from './replay-store.ts'
import { normalizeTargetUrl } from './target-url.ts'

export interface DpopProofOptions {
  /** The one `DPoP` header. A request with two of them is refused before it comes here. */
  readonly proof: string
  readonly method: string
  /** The address as the client knows it: scheme and host from configuration or a trusted proxy, never from the caller. */
  readonly url: string
  /** The token that the proof must be for. Left out only where no token is presented, as at the token endpoint. */
  readonly accessToken?: string
  /** RFC 7638 thumbprint of the key that must have signed. */
  readonly expectedThumbprint?: string
  readonly replay: ReplayStore
  /** If given, a nonce of this source is required. */
  readonly nonces?: NonceSource
  /** Default: all four. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  readonly now?: () => number
  /** How old a proof may be. Default 60. The replay window is at least this and `DPOP_AHEAD_SECONDS` more. */
  readonly maxAgeSeconds?: number
}

export interface VerifiedProof {
  /** RFC 7638, SHA-256, base64url: what `cnf.jkt` of a bound token says. */
  readonly thumbprint: string
  readonly jti: string
}

/** How far ahead of ours a client's clock may run. */
export const DPOP_AHEAD_SECONDS = 10

const MAX_PROOF_BYTES = 4096
const MAX_JTI_LENGTH = 256

/**
 * Checks a proof, or throws `TokenError`: the codes of text, header, signature and claims that tokens have, and
 * `ERR_TOKEN_DPOP_...`. The proof is spent last, so that what is refused for another reason takes no room in the store.
 */
export async function verifyDpopProof(options: DpopProofOptions): Promise<VerifiedProof> {
  try {
    const { key, claims } = readProof(options)
    const jti = checkProofClaims(claims, options)
    checkNonce(claims, options.nonces)
    if (options.expectedThumbprint !== undefined && !isEqualText(options.expectedThumbprint, key.thumbprint)) {
      throw new TokenError('ERR_TOKEN_DPOP_THUMBPRINT')
    }
    await spend(options.replay, key.thumbprint, jti)
    return { thumbprint: key.thumbprint, jti }
  } catch (thrown) {
    throw asTokenError(thrown)
  }
}

function readProof({ proof, algorithms = SIGNATURE_ALGORITHMS }: DpopProofOptions): {
  key: UnnamedKey
  claims: JsonObject
} {
  const jws = parseCompact(proof, MAX_PROOF_BYTES)
  const algorithm = checkHeader(jws.header, { algorithms, type: 'dpop+jwt' })
  const key = readProofKey(jws.header['jwk'], algorithm)
  checkSignature(jws, key)
  const claims = parseStrictJson(jws.payload, { maxBytes: MAX_PROOF_BYTES, maxDepth: 8, maxValues: 256 })
  if (!isJsonObject(claims)) throw new TokenError('ERR_TOKEN_CLAIM', 'the claims are not a JSON object')
  return { key, claims }
}

function readProofKey(jwk: JsonValue | undefined, algorithm: SignatureAlgorithm): UnnamedKey {
  try {
    const key = readUnnamedKey(jwk, algorithm)
    if (key.algorithm === algorithm) return key
  } catch (cause) {
    throw new TokenError('ERR_TOKEN_DPOP_KEY', undefined, { member: 'jwk', cause })
  }
  throw new TokenError('ERR_TOKEN_KEY_ALGORITHM')
}

function checkProofClaims(claims: JsonObject, options: DpopProofOptions): string {
  const { method, url, accessToken, replay, now = systemNow, maxAgeSeconds = 60 } = options
  const { jti, htm, htu, iat, ath } = claims
  for (const member of ['jti', 'htm', 'htu', 'iat']) {
    if (claims[member] === undefined) throw new TokenError('ERR_TOKEN_CLAIM_MISSING', undefined, { member })
  }
  if (!isPlainText(jti, MAX_JTI_LENGTH)) throw new TokenError('ERR_TOKEN_CLAIM', undefined, { member: 'jti' })
  if (typeof iat !== 'number' || !Number.isSafeInteger(iat)) {
    throw new TokenError('ERR_TOKEN_CLAIM', undefined, { member: 'iat' })
  }
  if (htm !== method) throw new TokenError('ERR_TOKEN_DPOP_METHOD', undefined, { member: 'htm' })
  const target = normalizeTargetUrl(url)
  if (target === undefined) throw new TypeError('`url` is the absolute address of the request')
  if (typeof htu !== 'string' || normalizeTargetUrl(htu) !== target) {
    throw new TokenError('ERR_TOKEN_DPOP_URL', undefined, { member: 'htu' })
  }
  const age = now() - iat
  // A proof from before the store began could have been spent in a store that is gone.
  const tooOld = !(age <= maxAgeSeconds) || (replay.sinceSeconds !== undefined && iat < replay.sinceSeconds)
  if (tooOld || age < -DPOP_AHEAD_SECONDS) throw new TokenError('ERR_TOKEN_DPOP_AGE', undefined, { member: 'iat' })
  if (accessToken !== undefined && (typeof ath !== 'string' || !isEqualText(ath, hashOf(accessToken)))) {
    throw new TokenError('ERR_TOKEN_DPOP_TOKEN', undefined, { member: 'ath' })
  }
  return jti
}

function checkNonce({ nonce }: JsonObject, nonces: NonceSource | undefined): void {
  if (nonces === undefined) return
  if (nonce === undefined) throw new TokenError('ERR_TOKEN_DPOP_NONCE_MISSING', undefined, { member: 'nonce' })
  if (typeof nonce !== 'string' || !nonces.isCurrent(nonce)) {
    throw new TokenError('ERR_TOKEN_DPOP_NONCE', undefined, { member: 'nonce' })
  }
}

/** `jti` is unique per key: one caller cannot use up another one's. */
async function spend(replay: ReplayStore, thumbprint: string, jti: string): Promise<void> {
  let isNew: boolean
  try {
    isNew = await replay.add(`${thumbprint}.${jti}`)
  } catch (thrown) {
    if (thrown instanceof TokenError) throw thrown
    throw new TokenError('ERR_TOKEN_DPOP_REPLAY_UNAVAILABLE', undefined, { cause: thrown })
  }
  if (!isNew) throw new TokenError('ERR_TOKEN_DPOP_REPLAY')
}

function hashOf(accessToken: string): string {
  return createHash('sha256').update(accessToken, 'ascii').digest('base64url')
}
