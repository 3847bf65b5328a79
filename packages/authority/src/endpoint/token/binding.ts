// What the token will be bound to: the caller's DPoP key (RFC 9449 section 5), the certificate of its connection (RFC 8705 section
// 3), and the addresses that it may come from. Whatever is asked for and cannot be had refuses the token.

import { type ReplayStore, TokenError, type TokenErrorCode, verifyDpopProof } from '@cardea/token'
import { useProofOnce } from '../../dpop/shared-replay.ts'
import { AuthorityError } from '../../errors.ts'
import type { ClientCertificate } from '../../identity/client-certificates.ts'
import type { AudienceSettings } from '../../options.ts'
import type { Parts } from '../../parts.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { StoreTransaction } from '../../store/store.ts'
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

/** A proof that holds, and is not used up yet. */
export interface KeyProof {
  /** RFC 7638, of the key; `undefined` when there was no proof. */
  readonly keyThumbprint: string | undefined
  /**
   * To be called in the transaction of what comes of it, once it is known who asks for what, so that nobody fills the store with proofs
   * for nothing. Does nothing without a proof. Errors: `ERR_AUTHORITY_DPOP` for one that was used before.
   */
  readonly useProof: (transaction: StoreTransaction) => Promise<void>
}

const NO_PROOF: KeyProof = { keyThumbprint: undefined, useProof: () => Promise.resolve() }
/** Whether it is new is asked later, of all authorities. */
const ASKED_LATER: ReplayStore = { add: () => true }

/** Errors: `ERR_AUTHORITY_DPOP`, `ERR_AUTHORITY_DPOP_NONCE` for a proof without a nonce of ours that counts. */
export async function proveKey(
  proof: string | undefined,
  url: string,
  { nonces, now, latest }: Pick<Parts, 'nonces' | 'now' | 'latest'>,
): Promise<KeyProof> {
  if (proof === undefined) return NO_PROOF
  try {
    const { thumbprint, jti } = await verifyDpopProof({
      proof,
      method: 'POST',
      url,
      replay: ASKED_LATER,
      ...(nonces === undefined ? {} : { nonces }),
      now,
      maxAgeSeconds: PROOF_SECONDS,
    })
    return {
      keyThumbprint: thumbprint,
      async useProof(transaction) {
        if (await useProofOnce(`${thumbprint}.${jti}`, latest(), transaction)) return
        throw new AuthorityError('ERR_AUTHORITY_DPOP', undefined, { cause: new TokenError('ERR_TOKEN_DPOP_REPLAY') })
      },
    }
  } catch (cause) {
    if (!(cause instanceof TokenError)) throw cause
    const code = NONCE_CODES.has(cause.code) ? 'ERR_AUTHORITY_DPOP_NONCE' : 'ERR_AUTHORITY_DPOP'
    throw new AuthorityError(code, undefined, { cause })
  }
}

const NONCE_CODES: ReadonlySet<TokenErrorCode> = new Set<TokenErrorCode>([
  'ERR_TOKEN_DPOP_NONCE',
  'ERR_TOKEN_DPOP_NONCE_MISSING',
])

/** Where nothing else is written. Errors: those of `useProof`. */
export async function useProofAlone(
  { keyThumbprint, useProof }: KeyProof,
  { store }: Pick<Parts, 'store'>,
): Promise<void> {
  if (keyThumbprint !== undefined) await store.write(useProof)
}

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
