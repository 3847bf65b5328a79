// What a service says of itself to clients that look for its authorization server (RFC 9728). Only for an audience that is an `https`
// address: then it is the resource identifier, too.

import { SIGNATURE_ALGORITHMS } from '@cardea/token'
import type { GuardOptions } from './options.ts'

export interface ResourceMetadata {
  readonly resource: string
  readonly authorization_servers: readonly string[]
  readonly bearer_methods_supported: readonly string[]
  readonly dpop_bound_access_tokens_required: boolean
  readonly dpop_signing_alg_values_supported: readonly string[]
  /** RFC 8705 section 3: where proxies pass certificates on. */
  readonly tls_client_certificate_bound_access_tokens?: true
  /** Where there is an authority: tokens of others hold no grants. */
  readonly authorization_details_types_supported?: readonly string[]
}

/** The document, or `undefined` where the audience is no address. */
export function resourceMetadata(options: GuardOptions): ResourceMetadata | undefined {
  const issuer = options.authority ?? options.issuer
  if (resourceUrl(options) === undefined || issuer === undefined) return undefined
  return Object.freeze({
    resource: options.audience,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    dpop_bound_access_tokens_required: options.dpop?.required === true,
    dpop_signing_alg_values_supported: [...SIGNATURE_ALGORITHMS],
    ...(options.clientCertificateHeader === undefined ? {} : { tls_client_certificate_bound_access_tokens: true }),
    ...(options.authority === undefined ? {} : { authorization_details_types_supported: ['cardea_grant'] }),
  })
}

/** Where the document stands: the well-known name goes before the path of the resource (section 3.1). */
export function metadataAddress(options: GuardOptions): string | undefined {
  const url = resourceUrl(options)
  return url === undefined ? undefined : `${url.origin}${metadataPath(url)}`
}

/** The path of the document at this service. */
export function metadataPath(resource: URL | string): string {
  const { pathname } = new URL(resource)
  return `/.well-known/oauth-protected-resource${pathname.replace(/\/$/, '')}`
}

function resourceUrl({ audience }: GuardOptions): URL | undefined {
  const url = URL.parse(audience)
  return url === null || url.protocol !== 'https:' || url.hash !== '' || url.search !== '' ? undefined : url
}
