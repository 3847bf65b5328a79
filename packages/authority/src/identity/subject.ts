// Who a subject token speaks of, in our own terms: the claims of a verified ID token, mapped as its provider is configured.
// A JWT string is not an identifier, and neither is an e-mail address: a person is (issuer, tenant, subject).

import { createHash } from 'node:crypto'
import { type EntityUid, entityUid } from '@cardea/policy'
import { AuthorityError } from '../errors.ts'
import type { ProviderSettings } from '../options.ts'

/** In a provider's `attributes`: not a claim, but the tenant that the sign-in was found to belong to. */
const TENANT_SOURCE = '$tenant'

export interface Subject {
  readonly issuer: string
  readonly tenant: string
  readonly subject: string
  /** Mapped claims by the principal's attribute. */
  readonly attributes: ReadonlyMap<string, unknown>
  readonly parents: readonly EntityUid[]
  readonly acr: string | undefined
  readonly amr: readonly string[] | undefined
  readonly authTime: number | undefined
  readonly issuedAtSeconds: number
  /** The provider's key that signed. */
  readonly keyId: string
  /** Digest of what makes this sign-in this one: the same ID token, in any spelling, has the same. */
  readonly origin: string
}

/** An ID token whose signature, issuer, audience and times were checked. */
export interface VerifiedIdToken {
  readonly claims: IdClaims
  readonly keyId: string
}

interface IdClaims {
  readonly iss: string
  readonly iat: number
  readonly [name: string]: unknown
}

/** Errors: `ERR_AUTHORITY_TENANT`, `ERR_AUTHORITY_CLAIMS`, `ERR_AUTHORITY_CLAIMS_OVERAGE`. */
export function subjectOf({ claims, keyId }: VerifiedIdToken, provider: ProviderSettings, clientId: string): Subject {
  refuseOverage(claims)
  const subject = textClaim(claims, provider.subjectClaim)
  const tenant = tenantOf(claims, provider)
  return {
    issuer: claims.iss,
    tenant,
    subject,
    attributes: new Map(
      Object.entries(provider.attributes)
        .map(([attribute, claim]) => [attribute, claim === TENANT_SOURCE ? tenant : claims[claim]] as const)
        .filter(([, value]) => value !== undefined && value !== null),
    ),
    parents: Object.entries(provider.parents).flatMap(([type, claim]) => parentsOf(claims, type, claim)),
    acr: optional(claims['acr'], isText, 'acr'),
    amr: optional(claims['amr'], isTextList, 'amr'),
    authTime: optional(claims['auth_time'], isTime, 'auth_time'),
    issuedAtSeconds: claims.iat,
    keyId,
    origin: originOf(claims, tenant, subject, clientId),
  }
}

/** Groups that a provider left out are not "no groups". OpenID Connect Core 5.6.2, and Entra's own marks. */
function refuseOverage(claims: IdClaims): void {
  if (claims['_claim_names'] === undefined && claims['hasgroups'] === undefined) return
  throw new AuthorityError('ERR_AUTHORITY_CLAIMS_OVERAGE')
}

function tenantOf(claims: IdClaims, { tenants, tenantClaim }: ProviderSettings): string {
  if (tenantClaim === undefined) {
    const [only] = Array.isArray(tenants) ? tenants : Object.values(tenants)
    if (only !== undefined) return only
    throw new AuthorityError('ERR_AUTHORITY_TENANT')
  }
  const named = claims[tenantClaim]
  const known = new Map(Array.isArray(tenants) ? tenants.map((tenant) => [tenant, tenant]) : Object.entries(tenants))
  const tenant = typeof named === 'string' ? known.get(named) : undefined
  if (tenant === undefined) throw new AuthorityError('ERR_AUTHORITY_TENANT')
  return tenant
}

/** A mapped list must be there, if empty: unknown is not absent. */
function parentsOf(claims: IdClaims, type: string, claim: string): EntityUid[] {
  const value = claims[claim]
  if (!isTextList(value)) {
    throw new AuthorityError(
      'ERR_AUTHORITY_CLAIMS',
      `the claim that supplies \`${type}\` is missing or not a list of texts`,
    )
  }
  return value.map((id) => entityUid(type, id))
}

function originOf(claims: IdClaims, tenant: string, subject: string, clientId: string): string {
  const identity = ['iss', 'iat', 'jti', 'nonce', 'sid', 'auth_time'].map((name) => claims[name] ?? null)
  return createHash('sha256')
    .update(JSON.stringify([identity, tenant, subject, clientId]))
    .digest('base64url')
}

function textClaim(claims: IdClaims, name: string): string {
  const value = claims[name]
  if (isText(value)) return value
  throw new AuthorityError('ERR_AUTHORITY_CLAIMS', `the claim \`${name}\` is missing or not a text`)
}

function optional<T>(value: unknown, is: (value: unknown) => value is T, name: string): T | undefined {
  if (value === undefined || value === null) return undefined
  if (is(value)) return value
  throw new AuthorityError('ERR_AUTHORITY_CLAIMS', `the claim \`${name}\` has the wrong form`)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 1000
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText)
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
