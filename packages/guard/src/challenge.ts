// `WWW-Authenticate` (RFC 9110 section 11.6.1, RFC 6750 section 3, RFC 9449 section 7.1, RFC 9470 section 3, RFC 9728 section 5.1).
// Built from our own fixed texts and configuration; nothing that a caller sent is ever echoed.

import { ANSWERS, type AnswerCode } from './problem.ts'

/** What a stronger sign-in must bring (RFC 9470 section 3). */
export interface StepUp {
  /** In order of preference. */
  readonly acrValues: readonly string[]
  readonly maxAgeSeconds?: number
}

export interface ChallengeFacts {
  /** Schemes to offer, the better first. */
  readonly schemes: readonly ('Bearer' | 'DPoP')[]
  /** For `DPoP`: the algorithms of proofs. */
  readonly algorithms: readonly string[]
  /** RFC 9728: where the metadata of this resource stands. */
  readonly resourceMetadata?: string
  readonly stepUp?: StepUp
}

/** The headers of an answer: the challenge, and when to come back. */
export function answerHeaders(code: AnswerCode, facts: ChallengeFacts): Record<string, string> {
  const { challenge, retryAfterSeconds } = ANSWERS[code]
  const headers: Record<string, string> = { 'cache-control': 'no-store' }
  if (challenge !== undefined) headers['www-authenticate'] = challengeOf(challenge, facts)
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds)
  return headers
}

function challengeOf(error: string | null, facts: ChallengeFacts): string {
  const isAboutProof = error === 'invalid_dpop_proof' || error === 'use_dpop_nonce'
  return facts.schemes
    .filter((scheme) => scheme === 'DPoP' || !isAboutProof)
    .map((scheme) => {
      const parameters = parametersOf(scheme, error, facts).map(([name, value]) => `${name}=${quoted(value)}`)
      return parameters.length === 0 ? scheme : `${scheme} ${parameters.join(', ')}`
    })
    .join(', ')
}

function parametersOf(scheme: string, error: string | null, facts: ChallengeFacts): [string, string][] {
  const parameters: [string, string][] = []
  if (error !== null) parameters.push(['error', error])
  if (error === 'insufficient_user_authentication' && facts.stepUp !== undefined) {
    const { acrValues, maxAgeSeconds } = facts.stepUp
    if (acrValues.length > 0) parameters.push(['acr_values', acrValues.join(' ')])
    if (maxAgeSeconds !== undefined) parameters.push(['max_age', String(maxAgeSeconds)])
  }
  if (scheme === 'DPoP') parameters.push(['algs', facts.algorithms.join(' ')])
  if (facts.resourceMetadata !== undefined) parameters.push(['resource_metadata', facts.resourceMetadata])
  return parameters
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, (character) => `\\${character}`)}"`
}
