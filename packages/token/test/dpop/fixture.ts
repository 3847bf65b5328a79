// Proofs for one request, true ones and others.

import { createHash } from 'node:crypto'
import {
  createReplayStore,
  type DpopProofOptions,
  generateSigningKey,
  publicJwk,
  type LocalSigningKey,
} from '@cardea/token'
import { type Forgery, NOW, part, signWith } from '../fixture.ts'

const METHOD = 'POST'
export const TARGET = 'https://api.example/documents/7'
export const ACCESS_TOKEN = 'header.payload.signature'
export const ATH = createHash('sha256').update(ACCESS_TOKEN).digest('base64url')

export const holder: LocalSigningKey = await generateSigningKey('ES256', { kid: 'holder' })

/** The public key as a client would put it into a proof. */
export function bareJwk(key: LocalSigningKey): { readonly [member: string]: unknown } {
  const { kid: _, alg: __, use: ___, ...jwk } = publicJwk(key)
  return jwk
}

const PROOF_CLAIMS: { readonly [name: string]: unknown } = {
  jti: 'proof-1',
  htm: METHOD,
  htu: TARGET,
  iat: NOW,
  ath: ATH,
}

/** A proof by the holder; header and claims are laid over the good ones, or given as text. */
export function proofOf({ header = {}, payload = {}, signer = signWith(holder) }: Forgery = {}): string {
  const head = typeof header === 'string' ? header : { typ: 'dpop+jwt', alg: 'ES256', jwk: bareJwk(holder), ...header }
  const body = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : { ...PROOF_CLAIMS, ...payload }
  const input = `${part(head)}.${part(body)}`
  return `${input}.${signer(input).toString('base64url')}`
}

/** How a server would check a proof for the request, with a replay store of its own. */
export function checking(proof: string, options: Partial<DpopProofOptions> = {}): DpopProofOptions {
  return {
    proof,
    method: METHOD,
    url: TARGET,
    accessToken: ACCESS_TOKEN,
    replay: createReplayStore({ now: () => NOW - 3600, windowSeconds: 70, maxEntries: 100 }),
    now: () => NOW,
    ...options,
  }
}
