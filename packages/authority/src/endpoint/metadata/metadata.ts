// GET /.well-known/oauth-authorization-server (RFC 8414), /jwks and /health. It advertises what works, and nothing else.

import type { Settings } from '../../options.ts'
import { grantTypes } from '../token/token-endpoint.ts'

/** RFC 8414 section 2. The member names are the RFC's. */
export function metadataOf({ issuer }: Settings): Readonly<Record<string, unknown>> {
  return {
    issuer,
    token_endpoint: `${issuer}/token`,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
    revocation_endpoint: `${issuer}/revoke`,
    revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
    jwks_uri: `${issuer}/jwks`,
    grant_types_supported: grantTypes,
    // there is no authorization endpoint: people sign in at their own provider
    response_types_supported: [],
    dpop_signing_alg_values_supported: ['ES256', 'RS256', 'PS256', 'EdDSA'],
  }
}

/** RFC 8414 section 3.1: the well-known part stands before the issuer's path. */
export function metadataPath(issuer: string): string {
  const { pathname } = new URL(issuer)
  return `/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`
}
