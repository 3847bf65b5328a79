// What the token will be bound to: the caller's DPoP key (RFC 9449 section 5), and the address range that a confidential
// client vouches for. A public client cannot vouch for anything, so from it a range is refused rather than believed.

import { BlockList, isIP } from 'node:net'
import { TokenError, type TokenErrorCode, verifyDpopProof } from '@cardea/token'
import { AuthorityError } from '../../errors.ts'
import { isPublic } from '../../identity/clients.ts'
import type { AudienceSettings } from '../../options.ts'
import type { Parts } from '../../parts.ts'
import type { ClientRecord } from '../../store/records.ts'

const PROOF_SECONDS = 60
const MAX_RANGES = 8

export interface Binding {
  /** RFC 7638 thumbprint of the proven key. */
  readonly keyThumbprint: string | undefined
  readonly networks: readonly string[] | undefined
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

/** Errors: `ERR_AUTHORITY_DPOP` when the audience wants a key and there is none. */
export function requireKey(
  { dpopRequired }: Pick<AudienceSettings, 'dpopRequired'>,
  keyThumbprint: string | undefined,
): void {
  if (dpopRequired && keyThumbprint === undefined) throw new AuthorityError('ERR_AUTHORITY_DPOP')
}

/** Errors: `ERR_AUTHORITY_BIND_ADDRESS`. */
export function readNetworks(parameter: string | undefined, client: ClientRecord): readonly string[] | undefined {
  if (parameter === undefined) return undefined
  if (isPublic(client)) {
    throw new AuthorityError(
      'ERR_AUTHORITY_BIND_ADDRESS',
      'only a confidential client can say where a token may be used',
    )
  }
  const ranges = parameter.split(' ')
  if (ranges.length > MAX_RANGES || !ranges.every(isRange)) {
    throw new AuthorityError('ERR_AUTHORITY_BIND_ADDRESS', '`bind_address` must be address ranges separated by spaces')
  }
  return ranges
}

function isRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0 || (prefix !== undefined && !/^(0|[1-9][0-9]{0,2})$/.test(prefix))) return false
  try {
    new BlockList().addSubnet(address, Number(prefix ?? (family === 4 ? 32 : 128)), family === 4 ? 'ipv4' : 'ipv6')
    return true
  } catch {
    return false
  }
}
