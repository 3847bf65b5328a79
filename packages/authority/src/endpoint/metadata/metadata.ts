// GET /.well-known/oauth-authorization-server (RFC 8414) and /.well-known/oauth-protected-resource (RFC 9728). They advertise
// what works, and nothing else.

import { SIGNATURE_ALGORITHMS } from '@cardea/token'
import { seesCertificates } from '../../certificate-options.ts'
import type { Settings } from '../../options.ts'
import { authenticationMethods } from '../token/client-authentication.ts'
import { DETAIL_TYPES } from '../token/details.ts'
import { grantTypes } from '../token/token-endpoint.ts'

/** RFC 8414 section 2. The member names are the RFC's. */
export function metadataOf(settings: Settings): Readonly<Record<string, unknown>> {
  const { issuer } = settings
  const methods = authenticationMethods(settings)
  return {
    issuer,
    token_endpoint: `${issuer}/token`,
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
    revocation_endpoint: `${issuer}/revoke`,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
    introspection_endpoint: `${issuer}/introspect`,
    introspection_endpoint_auth_methods_supported: methods.filter((method) => method !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
    jwks_uri: `${issuer}/jwks`,
    grant_types_supported: grantTypes,
    authorization_details_types_supported: DETAIL_TYPES,
    // there is no authorization endpoint: people sign in at their own provider
    response_types_supported: [],
    dpop_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
    ...boundToCertificates(settings),
    ...aliasesOf(settings),
  }
}

/** RFC 9728 section 2: the authority's own API as a protected resource. */
export function resourceMetadataOf(settings: Settings): Readonly<Record<string, unknown>> {
  const { issuer } = settings
  return {
    resource: issuer,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
    ...boundToCertificates(settings),
  }
}

/** RFC 8414 section 3.1 and RFC 9728 section 3.1: the well-known part stands before the issuer's path. */
export function metadataPath(name: string, issuer: string): string {
  const { pathname } = new URL(issuer)
  return `/.well-known/${name}${pathname === '/' ? '' : pathname}`
}

/** RFC 8705 section 3.3, RFC 9728 section 2. */
function boundToCertificates(settings: Settings): Readonly<Record<string, unknown>> {
  return seesCertificates(settings) ? { tls_client_certificate_bound_access_tokens: true } : {}
}

/** RFC 8705 section 5. */
function aliasesOf({ mtlsIssuer }: Settings): Readonly<Record<string, unknown>> {
  if (mtlsIssuer === undefined) return {}
  return {
    mtls_endpoint_aliases: {
      token_endpoint: `${mtlsIssuer}/token`,
      revocation_endpoint: `${mtlsIssuer}/revoke`,
      introspection_endpoint: `${mtlsIssuer}/introspect`,
    },
  }
}
