// Access tokens (RFC 9068) from text to proof: strict parser, then signature, then claims. The order is the defence: nothing
// that an attacker wrote is interpreted before the signature says who wrote it.

import { systemNow } from '../clock.ts'
import { asTokenError, TokenError } from '../errors.ts'
import { type JsonLimits, parseStrictJson } from '../json/strict-json.ts'
import type { KeySource } from '../jwks/key-source.ts'
import { isSignatureAlgorithm, type SignatureAlgorithm } from '../jws/algorithm.ts'
import { parseCompact } from '../jws/compact.ts'
import { readTokenHeader, type TokenType } from '../jws/header.ts'
import { checkSignature, findKey } from '../jws/signature-check.ts'
import { type ClaimRules, checkIdentity, checkTimes } from './claim-rules.ts'
import { type CacheEntry, createTokenCache, type TokenCache } from './token-cache.ts'
import { readClaims } from './token-claims.ts'
import { markVerified, type VerifiedToken } from './verified-token.ts'

export interface VerifierOptions {
  /** Exactly the `iss` of the tokens. */
  readonly issuer: string
  /** Exactly one of the `aud` of the tokens: this service. */
  readonly audience: string
  readonly keys: KeySource
  /** Default `['ES256']`. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** The exact `typ` of the header. Default `'at+jwt'`; some identity providers say `'JWT'`. */
  readonly type?: TokenType
  /** Default 8192, what common servers allow for all headers together. */
  readonly maxTokenBytes?: number
  /** The most that `exp - iat` may be. Default 86 400; take the issuer's own lifetime. */
  readonly maxLifetimeSeconds?: number
  /** How long after `exp` a token still counts. Default 0. */
  readonly clockToleranceSeconds?: number
  /** Unix seconds. */
  readonly now?: () => number
  /** Tokens remembered. Default 10 000; 0 verifies every signature anew. */
  readonly cacheSize?: number
}

export interface Verifier {
  /**
   * Checks a token, or throws `TokenError`. A remembered token skips the signature alone: that its key is still in the set,
   * and its times, are checked on every call. Revocation and binding are not checked here.
   */
  verify(text: string): Promise<VerifiedToken>
}

/** Throws `ERR_TOKEN_CONFIGURATION` for an empty issuer or audience, and for an algorithm that is not one of ours. */
export function createVerifier(options: VerifierOptions): Verifier {
  return new CachingVerifier(options)
}

export const CLAIM_LIMITS: Omit<JsonLimits, 'maxBytes'> = { maxDepth: 16, maxValues: 20_000 }

class CachingVerifier implements Verifier {
  readonly #keys: KeySource
  readonly #header: { readonly algorithms: readonly SignatureAlgorithm[]; readonly type: TokenType }
  readonly #claims: ClaimRules
  readonly #maxTokenBytes: number
  readonly #now: () => number
  readonly #cache: TokenCache

  constructor(options: VerifierOptions) {
    const { issuer, audience, algorithms = ['ES256'], type = 'at+jwt' } = options
    const { maxLifetimeSeconds = 86_400, clockToleranceSeconds = 0, maxTokenBytes = 8192, cacheSize = 10_000 } = options
    checkConfiguration({ issuer, audience, algorithms, type })
    for (const limit of [maxLifetimeSeconds, clockToleranceSeconds, maxTokenBytes, cacheSize]) checkLimit(limit)
    this.#keys = options.keys
    this.#header = { algorithms: [...algorithms], type }
    this.#claims = { issuer, audience, maxLifetimeSeconds, clockToleranceSeconds }
    this.#maxTokenBytes = maxTokenBytes
    this.#now = options.now ?? systemNow
    this.#cache = createTokenCache(cacheSize)
  }

  async verify(text: string): Promise<VerifiedToken> {
    try {
      const entry = typeof text === 'string' ? this.#cache.get(text) : undefined
      if (entry !== undefined && (entry.generation === this.#keys.generation || (await this.#isKeyCurrent(entry)))) {
        return this.#checkedNow(entry.token, entry)
      }
      return await this.#verifyAnew(text)
    } catch (thrown) {
      throw asTokenError(thrown)
    }
  }

  async #verifyAnew(text: string): Promise<VerifiedToken> {
    const jws = parseCompact(text, this.#maxTokenBytes)
    const header = readTokenHeader(jws.header, this.#header)
    // Read before the key: if the set changes meanwhile, the entry is looked at again on its next use.
    const { generation } = this.#keys
    const key = await findKey(this.#keys, header)
    checkSignature(jws, key)
    const payload = parseStrictJson(jws.payload, { ...CLAIM_LIMITS, maxBytes: this.#maxTokenBytes })
    const claims = readClaims(payload, this.#header.type)
    checkIdentity(claims, this.#claims)
    const token = this.#checkedNow(markVerified({ header, claims, keyId: key.kid }))
    this.#cache.set({ text, token, key, generation })
    return token
  }

  #checkedNow(token: VerifiedToken, entry?: CacheEntry): VerifiedToken {
    try {
      checkTimes(token.claims, this.#claims, this.#now())
    } catch (thrown) {
      if (entry !== undefined) this.#cache.delete(entry)
      throw thrown
    }
    return token
  }

  /** Whether the key object that verified is still the one that its name stands for. If not, the entry is a miss. */
  async #isKeyCurrent(entry: CacheEntry): Promise<boolean> {
    const { generation } = this.#keys
    const key = await findKey(this.#keys, entry.token.header)
    if (key !== entry.key) return false
    entry.generation = generation
    return true
  }
}

function checkConfiguration(options: Pick<VerifierOptions, 'issuer' | 'audience' | 'algorithms' | 'type'>): void {
  for (const name of ['issuer', 'audience', 'type'] as const) {
    const value = options[name]
    if (value === '' || (typeof value !== 'string' && (name !== 'type' || typeof value !== 'symbol'))) {
      throw new TokenError('ERR_TOKEN_CONFIGURATION', `\`${name}\` is required`, { member: name })
    }
  }
  const { algorithms = [] } = options
  if (algorithms.length > 0 && algorithms.every(isSignatureAlgorithm)) return
  throw new TokenError('ERR_TOKEN_CONFIGURATION', '`algorithms` are of `ES256`, `RS256`, `PS256` and `EdDSA`', {
    member: 'algorithms',
    hint: 'symmetric algorithms are not supported: whoever can verify with one can also forge',
  })
}

/** NaN, or text from a configuration file, would switch a limit off. */
function checkLimit(limit: number): void {
  if (!(Number.isFinite(limit) && limit >= 0)) {
    throw new TokenError('ERR_TOKEN_CONFIGURATION', 'a limit is not a number from 0 up')
  }
}
