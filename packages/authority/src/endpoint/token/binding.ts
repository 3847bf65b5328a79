// What the token will be bound to: the caller's DPoP key (RFC 9449 section 5), the certificate of its connection (RFC 8705 section
// 3), and the addresses that it may come from. Whatever is asked for and cannot be had refuses the token.

import { TokenError, type TokenErrorCode, verifyDpopProof } from '@cardea/token'
import { AuthorityError } from '../../errors.ts'
import type { ClientCertificate } from '../../http/connections.ts'
import type { AudienceSettings } from '../../options.ts'
import type { Parts } from '../../parts.ts'
import type { ClientRecord } from '../../store/records.ts'
import { networksOf, readNetworks } from './networks.ts'

const PROOF_SECONDS = 60

/** What is known of who asks, from the connection and from a verified proof. */
export interface Proven {
  /** RFC 7638 thumbprint of the proven key. */
  readonly keyThumbprint: string | undefined
  readonly certificate: ClientCertificate | undefined
  readonly address: string | undefined
}

export interface Binding {
  /** RFC 7638 thumbprint of the proven key. */
  readonly keyThumbprint: string | undefined
  /** `x5t#S256` of the certificate that the token is bound to. */
  readonly certificateThumbprint: string | undefined
  /** Of the certificate that was shown, also when this token is not bound to it: a sign-in that is bound wants the same. */
  readonly shownThumbprint: string | undefined
  readonly networks: readonly string[] | undefined
}

/** What an audience asks of the binding. */
export type BindingNeeds = Pick<AudienceSettings, 'dpopRequired' | 'certificateRequired' | 'bindAddress'>

/** What may be left out. */
export const NO_NEEDS: BindingNeeds = { dpopRequired: false, certificateRequired: false, bindAddress: false }

export interface BindingRequest extends Proven {
  readonly parameters: ReadonlyMap<string, string>
  readonly client: ClientRecord
}

/**
 * Errors: `ERR_AUTHORITY_DPOP`, `ERR_AUTHORITY_DPOP_NONCE` for a proof without a nonce of ours that counts, and those of the store, when
 * it cannot say whether the proof is new.
 */
export async function proveKey(
  proof: string | undefined,
  url: string,
  { proofs, nonces, now }: Pick<Parts, 'proofs' | 'nonces' | 'now'>,
): Promise<string | undefined> {
  if (proof === undefined) return undefined
  try {
    const proven = await verifyDpopProof({
      proof,
      method: 'POST',
      url,
      replay: proofs,
      ...(nonces === undefined ? {} : { nonces }),
      now,
      maxAgeSeconds: PROOF_SECONDS,
    })
    return proven.thumbprint
  } catch (cause) {
    if (!(cause instanceof TokenError)) throw cause
    if (cause.code === 'ERR_TOKEN_DPOP_REPLAY_UNAVAILABLE' && cause.cause instanceof AuthorityError) throw cause.cause
    const code = NONCE_CODES.has(cause.code) ? 'ERR_AUTHORITY_DPOP_NONCE' : 'ERR_AUTHORITY_DPOP'
    throw new AuthorityError(code, undefined, { cause })
  }
}

const NONCE_CODES: ReadonlySet<TokenErrorCode> = new Set<TokenErrorCode>([
  'ERR_TOKEN_DPOP_NONCE',
  'ERR_TOKEN_DPOP_NONCE_MISSING',
])

/**
 * A proven key always binds; a certificate does when the audience or the client asks for it; what a confidential client says in
 * `bind_address` goes before the address that it comes from.
 * Errors: `ERR_AUTHORITY_DPOP`, `ERR_AUTHORITY_CERTIFICATE`, `ERR_AUTHORITY_BIND_ADDRESS`.
 */
export function bind(request: BindingRequest, needs: BindingNeeds): Binding {
  const { parameters, client, keyThumbprint, certificate, address } = request
  if (needs.dpopRequired && keyThumbprint === undefined) throw new AuthorityError('ERR_AUTHORITY_DPOP')
  const needsCertificate = needs.certificateRequired || client.certificateBound
  if (needsCertificate && certificate === undefined) throw new AuthorityError('ERR_AUTHORITY_CERTIFICATE')
  const named = readNetworks(parameters.get('bind_address'), client)
  return {
    keyThumbprint,
    certificateThumbprint: needsCertificate ? certificate?.thumbprint : undefined,
    shownThumbprint: certificate?.thumbprint,
    networks: named ?? (needs.bindAddress ? networksOf(address) : undefined),
  }
}
