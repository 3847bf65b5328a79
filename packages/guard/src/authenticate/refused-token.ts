// Why a token, a proof or a binding was refused: from the exact code of the token room to a reason and an answer.

import { TokenError, type TokenErrorCode } from '@cardea/token'
import { ClaimsError } from '@cardea/claims'
import { GuardError } from '../errors.ts'
import type { AnswerCode } from '../problem.ts'
import type { Reason } from '../reason.ts'

export interface Refused {
  readonly reason: Reason
  readonly answer: AnswerCode
  readonly code?: string
}

const INVALID: Refused = { reason: 'invalid_token', answer: 'invalid_token' }
const UNAVAILABLE: Refused = { reason: 'unavailable', answer: 'unavailable' }
const BINDING: Refused = { reason: 'binding', answer: 'invalid_token' }

const BY_CODE: ReadonlyMap<TokenErrorCode, Refused> = new Map<TokenErrorCode, Refused>([
  ['ERR_TOKEN_EXPIRED', { reason: 'expired', answer: 'invalid_token' }],
  ['ERR_TOKEN_KEYS_UNAVAILABLE', UNAVAILABLE],
  ['ERR_TOKEN_BINDING_SCHEME', BINDING],
  ['ERR_TOKEN_BINDING_DPOP', BINDING],
  ['ERR_TOKEN_BINDING_CERTIFICATE', BINDING],
  ['ERR_TOKEN_BINDING_ADDRESS', BINDING],
  // Whether that tenant exists is nobody else's business.
  ['ERR_TOKEN_BINDING_TENANT', { reason: 'tenant_mismatch', answer: 'not_found' }],
])

/** For errors of the verifier, of the binding and of what the token names. Anything that is not one of ours is refused as well. */
export function refusedToken(error: unknown): Refused {
  if (error instanceof ClaimsError) {
    const isOld = error.code === 'ERR_CLAIMS_PLAN'
    return { ...(isOld ? CLAIMS_OUTDATED : INVALID), code: error.code }
  }
  if (error instanceof GuardError) return { ...UNAVAILABLE, code: error.code }
  if (!(error instanceof TokenError)) return UNAVAILABLE
  return { ...(BY_CODE.get(error.code) ?? INVALID), code: error.code }
}

export const CLAIMS_OUTDATED: Refused = { reason: 'claims_outdated', answer: 'claims_outdated' }

const PROOF_BY_CODE: ReadonlyMap<TokenErrorCode, Refused> = new Map<TokenErrorCode, Refused>([
  ['ERR_TOKEN_DPOP_NONCE', { reason: 'binding', answer: 'use_dpop_nonce' }],
  ['ERR_TOKEN_DPOP_NONCE_MISSING', { reason: 'binding', answer: 'use_dpop_nonce' }],
  ['ERR_TOKEN_DPOP_REPLAY_FULL', UNAVAILABLE],
  ['ERR_TOKEN_DPOP_REPLAY_UNAVAILABLE', UNAVAILABLE],
])

/** For errors of a DPoP proof. */
export function refusedProof(error: unknown): Refused {
  if (!(error instanceof TokenError)) return UNAVAILABLE
  return { ...(PROOF_BY_CODE.get(error.code) ?? { reason: 'binding', answer: 'invalid_dpop_proof' }), code: error.code }
}
