// Proof of possession (RFC 9449 section 7): that who presents the token holds the key that it is bound to, for this request and once.

import { createReplayStore, DPOP_AHEAD_SECONDS, verifyDpopProof } from '@cardea/token'
import type { GuardOptions } from '../options.ts'
import type { Credentials } from './credentials.ts'
import { refusedProof } from './refused-token.ts'
import type { GuardRequest } from './request.ts'
import { MALFORMED, Stop } from './stop.ts'

/** The thumbprint of the key that signed a proof for this request and this token. Throws `Stop`. */
export type KeyProver = (credentials: Credentials, request: GuardRequest) => Promise<string>

export type KeyProverOptions = Pick<GuardOptions, 'dpop' | 'origin'> & { readonly now: () => number }

const REPLAY_ENTRIES = 100_000
const PROOF_SECONDS = 60

export function createKeyProver({ dpop = {}, origin, now }: KeyProverOptions): KeyProver {
  const { nonces, maxAgeSeconds } = dpop
  const windowSeconds = (maxAgeSeconds ?? PROOF_SECONDS) + DPOP_AHEAD_SECONDS
  const replay = dpop.replay ?? createReplayStore({ now, windowSeconds, maxEntries: REPLAY_ENTRIES })
  return async ({ token, proof }, request) => {
    if (proof === undefined) throw new Stop({ reason: 'binding', answer: 'invalid_dpop_proof' })
    const url = targetOf(request, origin)
    if (url === undefined) throw new Stop(MALFORMED)
    try {
      const { thumbprint } = await verifyDpopProof({
        proof,
        method: request.method,
        url,
        accessToken: token,
        replay,
        now,
        ...(nonces === undefined ? {} : { nonces }),
        ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
      })
      return thumbprint
    } catch (error) {
      throw new Stop(refusedProof(error), error)
    }
  }
}

/** The address as the caller knows it: under the configured origin, or as `Host` says. `X-Forwarded-*` is never read. */
function targetOf({ url, headers, encrypted }: GuardRequest, origin: string | undefined): string | undefined {
  const { host } = headers
  const base = origin ?? (typeof host === 'string' ? `${encrypted === true ? 'https' : 'http'}://${host}` : undefined)
  if (url.startsWith('/')) return base === undefined ? undefined : URL.parse(`${base}${url}`)?.href
  const absolute = URL.parse(url)
  if (absolute === null || origin === undefined) return absolute?.href
  return URL.parse(`${origin}${absolute.pathname}`)?.href
}
