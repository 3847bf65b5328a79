// Whether a verified token may be used by this caller, from here (RFC 9449 section 7.1, RFC 8705 section 3, our `net` and
// `tenant`). A token that is bound in two ways must satisfy both.

import { createHash } from 'node:crypto'
import { TokenError, type TokenErrorCode } from '../errors.ts'
import type { VerifiedToken } from '../jwt/verified-token.ts'
import { isEqualText } from '../text-equality.ts'
import { isInNetworks } from './networks.ts'

/** What is known of a request, each from the connection, a verified proof or configuration; never from a caller's header. */
export interface BindingFacts {
  /** The authentication scheme that the token came under. */
  readonly scheme: 'Bearer' | 'DPoP'
  /** `thumbprint` of a proof that `verifyDpopProof` accepted for this request and this token. */
  readonly dpopThumbprint?: string
  /** `certificateThumbprint` of the client certificate of this connection, the leaf of its chain. */
  readonly certificateThumbprint?: string
  readonly address?: string
  /** The tenant that the address of the request names, in its host or path. */
  readonly tenant?: string
}

/** What a token can be bound to. */
export type BindingKind = 'key' | 'certificate' | 'address' | 'tenant'

export interface BindingMismatch {
  readonly kind: BindingKind
  /** `ERR_TOKEN_BINDING_...` */
  readonly error: TokenError
}

/** The first thing that does not fit, as an `ERR_TOKEN_BINDING_...` error, or `undefined`. To be asked on every request. */
export function checkBinding(token: VerifiedToken, facts: BindingFacts): TokenError | undefined {
  return bindingMismatches(token, facts)[0]?.error
}

/** Everything that does not fit, at most one of a kind: key, certificate, address, tenant. Empty: the token may be used. */
export function bindingMismatches({ claims }: VerifiedToken, facts: BindingFacts): readonly BindingMismatch[] {
  const { cnf, net, tenant } = claims
  const found: BindingMismatch[] = []
  const add = (kind: BindingKind, code: TokenErrorCode): void => {
    found.push({ kind, error: new TokenError(code) })
  }
  const thumbprint = cnf?.jkt
  // A bound token under Bearer would make the binding optional; an unbound one under DPoP would pretend to have one.
  if ((thumbprint !== undefined) !== (facts.scheme === 'DPoP')) add('key', 'ERR_TOKEN_BINDING_SCHEME')
  else if (!isMatch(thumbprint, facts.dpopThumbprint)) add('key', 'ERR_TOKEN_BINDING_DPOP')
  if (!isMatch(cnf?.['x5t#S256'], facts.certificateThumbprint)) add('certificate', 'ERR_TOKEN_BINDING_CERTIFICATE')
  if (net !== undefined && (facts.address === undefined || !isInNetworks(facts.address, net))) {
    add('address', 'ERR_TOKEN_BINDING_ADDRESS')
  }
  if (facts.tenant !== undefined && facts.tenant !== tenant) add('tenant', 'ERR_TOKEN_BINDING_TENANT')
  return found
}

/** `x5t#S256` of a certificate: the SHA-256 of its DER bytes, not of its PEM text (RFC 8705 section 3.1). */
export function certificateThumbprint(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('base64url')
}

function isMatch(required: string | undefined, given: string | undefined): boolean {
  return required === undefined || (given !== undefined && isEqualText(required, given))
}
