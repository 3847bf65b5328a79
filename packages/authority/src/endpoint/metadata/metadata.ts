// GET /.well-known/oauth-authorization-server (RFC 8414) and /.well-known/oauth-protected-resource (RFC 9728). They advertise
// what works, and nothing else.

import { SIGNATURE_ALGORITHMS } from '@cardea/token'
import type { Settings } from '../../options.ts'
import { AUTHENTICATION_METHODS } from '../token/client-authentication.ts'
import { DETAIL_TYPES } from '../token/details.ts'
import { grantTypes } from '../token/token-endpoint.ts'

/** RFC 8414 section 2. The member names are the RFC's. */
export function metadataOf({ issuer }: Settings): Readonly<Record<string, unknown>> {
  return {
    issuer,
    token_endpoint: `${issuer}/token`,
    token_endpoint_auth_methods_supported: AUTHENTICATION_METHODS,
    token_endpoint_auth_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
    revocation_endpoint: `${issuer}/revoke`,
    revocation_endpoint_auth_methods_supported: AUTHENTICATION_METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
    introspection_endpoint: `${issuer}/introspect`,
    introspection_endpoint_auth_methods_supported: AUTHENTICATION_METHODS.filter((method) => method !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
    jwks_uri: `${issuer}/jwks`,
    grant_types_supported: grantTypes,
    authorization_details_types_supported: DETAIL_TYPES,
    // there is no authorization endpoint: people sign in at their own provider
    response_types_supported: [],
    dpop_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
  }
}

/** RFC 9728 section 2: the authority's own API as a protected resource. */
export function resourceMetadataOf({ issuer }: Settings): Readonly<Record<string, unknown>> {
  return {
    resource: issuer,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
  }
}

/** RFC 8414 section 3.1 and RFC 9728 section 3.1: the well-known part stands before the issuer's path. */
export function metadataPath(name: string, issuer: string): string {
  const { pathname } = new URL(issuer)
  return `/.well-known/${name}${pathname === '/' ? '' : pathname}`
}
