// Everything that a verifier would refuse about a token, and not only the first thing: for tools that explain. It runs the verifier's
// own checks, so that the two cannot disagree. INVARIANT: with all options given, the list is empty exactly when `verify` would resolve.

import { systemNow } from '../clock.ts'
import { asTokenError, TokenError } from '../errors.ts'
import { isPlainText } from '../json/plain-text.ts'
import { parseStrictJson } from '../json/strict-json.ts'
import type { KeySource } from '../jwks/key-source.ts'
import { algorithmNamed, SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../jws/algorithm.ts'
import { type CompactJws, parseCompact } from '../jws/compact.ts'
import { MAX_KID_LENGTH, readTokenHeader, type TokenType } from '../jws/header.ts'
import { checkSignature, findKey } from '../jws/signature-check.ts'
import { checkTimes, identityProblems } from './claim-rules.ts'
import { MAX_UNVERIFIED_BYTES } from './decode-token.ts'
import { readClaims } from './token-claims.ts'
import { CLAIM_LIMITS } from './verifier.ts'

/** As for `createVerifier`, and each may be left out: then what it decides is not checked. */
export interface DiagnoseOptions {
  readonly issuer?: string
  readonly audience?: string
  /** Left out: the signature is not checked. */
  readonly keys?: KeySource
  /** Default: all that are supported. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** Default `'at+jwt'`. */
  readonly type?: TokenType
  /** Default 8192. */
  readonly maxTokenBytes?: number
  /** Default 86 400. */
  readonly maxLifetimeSeconds?: number
  /** Default 0. */
  readonly clockToleranceSeconds?: number
  /** Unix seconds. */
  readonly now?: () => number
}

export interface Diagnosis {
  /** What would be refused, in the order of the verifier's checks. */
  readonly problems: readonly TokenError[]
  /** `unchecked` without keys, and where the header names none that could be looked for. */
  readonly signature: 'verified' | 'refused' | 'unchecked'
}

/** Never throws. It is no proof: nothing that it returns lets a token be used. Revocation and binding are not looked at. */
export async function diagnoseToken(text: string, options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { type = 'at+jwt', algorithms = SIGNATURE_ALGORITHMS, maxTokenBytes = 8192, now = systemNow } = options
  const problems: TokenError[] = []
  const attempt = async <T>(check: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await check()
    } catch (thrown) {
      problems.push(asTokenError(thrown))
      return undefined
    }
  }
  if (text.length > maxTokenBytes) problems.push(new TokenError('ERR_TOKEN_SIZE'))
  const jws = await attempt(() => parseCompact(text, Math.max(maxTokenBytes, MAX_UNVERIFIED_BYTES)))
  if (jws === undefined) return { problems: withoutRepetition(problems), signature: 'unchecked' }
  await attempt(() => readTokenHeader(jws.header, { algorithms, type }))
  const signature = await diagnoseSignature(jws, options.keys, attempt)
  const payload = await attempt(() =>
    parseStrictJson(jws.payload, { ...CLAIM_LIMITS, maxBytes: Math.max(maxTokenBytes, MAX_UNVERIFIED_BYTES) }),
  )
  const claims = payload === undefined ? undefined : await attempt(() => readClaims(payload, type))
  if (claims !== undefined) {
    const { issuer, audience, maxLifetimeSeconds = 86_400, clockToleranceSeconds = 0 } = options
    const rules = {
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
      maxLifetimeSeconds,
    }
    problems.push(...identityProblems(claims, rules))
    await attempt(() => checkTimes(claims, { clockToleranceSeconds }, now()))
  }
  return { problems, signature }
}

type Attempt = <T>(check: () => T | Promise<T>) => Promise<T | undefined>

/** Also where the header was refused for another reason than its key: a token of another kind may still be well signed. */
async function diagnoseSignature(
  jws: CompactJws,
  keys: KeySource | undefined,
  attempt: Attempt,
): Promise<Diagnosis['signature']> {
  const alg = algorithmNamed(jws.header['alg'])
  const { kid } = jws.header
  if (keys === undefined || alg === undefined || !isPlainText(kid, MAX_KID_LENGTH)) return 'unchecked'
  const key = await attempt(() => findKey(keys, { alg, kid }))
  if (key === undefined) return 'refused'
  const isVerified = await attempt(() => {
    checkSignature(jws, key)
    return true
  })
  return isVerified === true ? 'verified' : 'refused'
}

/** A text beyond both limits is too long once. */
function withoutRepetition(problems: readonly TokenError[]): readonly TokenError[] {
  return problems.filter((problem, index) => problems.findIndex(({ code }) => code === problem.code) === index)
}
