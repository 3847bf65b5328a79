// From the claims of a verified token to its principal. Parsed strictly, whoever signed it: a claim that the plan does not
// explain is refused, and one that a restrictive condition needs must be there.

import { type EntityUid, entityUid, type Schema } from '@cardea/policy'
import { ClaimsError } from '../errors.ts'
import type { Grant } from '../grant/grant.ts'
import { grantsReference, type OpenGrantSet, requireOwner } from '../grant/grant-set.ts'
import { unpackGrants } from '../grant/unpack-grants.ts'
import { type ClaimsPlan, plannedPrincipal } from '../plan/plan.ts'
import { ancestorTypes } from '../plan/schema-types.ts'
import { readAttributes } from './attributes.ts'
import { isEntityId } from './claim-value.ts'
import { factsOf, type PrincipalFacts } from './facts.ts'
import { readGroups } from './groups.ts'

/** The claims that are read here. A verified token's claims are such an object. */
export interface ReadableClaims {
  readonly iss?: unknown
  readonly aud?: unknown
  readonly sub?: unknown
  readonly client_id?: unknown
  readonly tenant?: unknown
  readonly plan?: unknown
  readonly attrs?: unknown
  readonly groups?: unknown
  readonly grants?: unknown
  readonly grants_ref?: unknown
}

export interface ReadOptions {
  readonly schema: Schema
  /** The plan that the token names, not the newest: look it up by `claims.plan`. */
  readonly plan: ClaimsPlan
  /** Entity type of people. Default `User`. */
  readonly principalType?: string
  /** Entity type of a client that acts for itself (`sub` is its `client_id`). Default `Client`. */
  readonly clientType?: string
  /** The set that the token names, if it does: fetched and opened before. Without it such a token is refused. */
  readonly grantSet?: OpenGrantSet | undefined
}

/**
 * The principal with the attributes and ancestors that the plan names. Others are unknown, not absent: before a decision,
 * compare the plan with what the action reads (`planCovers`). Grants are not checked against revocations or the clock.
 * Throws `ERR_CLAIMS_PLAN`, `ERR_CLAIMS_PRINCIPAL`, `ERR_CLAIMS_TENANT`, `ERR_CLAIMS_ATTRIBUTE`,
 * `ERR_CLAIMS_ATTRIBUTE_MISSING`, `ERR_CLAIMS_GROUPS`, `ERR_CLAIMS_GROUPS_MISSING`, `ERR_CLAIMS_GRANTS`,
 * `ERR_CLAIMS_GRANTS_LIMIT`, `ERR_CLAIMS_GRANTS_REF`, `ERR_CLAIMS_GRANT_SET_OWNER`. Cost: linear in the claims; make it once per token, bundle and plan.
 */
export function readPrincipal(claims: ReadableClaims, options: ReadOptions): PrincipalFacts {
  const { schema, plan } = options
  if (claims.plan !== plan.digest) throw new ClaimsError('ERR_CLAIMS_PLAN')
  const principal = principalOf(claims, options)
  const tenant = tenantOf(claims.tenant)
  const planned = plannedPrincipal(plan, principal.type)
  const attributes = readAttributes(
    claims.attrs,
    planned.attributes,
    schema.entityType(principal.type)?.attributes ?? {},
  )
  const groups = readGroups(claims.groups, planned.ancestors)
  const set = setOf(claims, principal, tenant, options.grantSet)
  const grants = set?.grants ?? unpackGrants(claims.grants, tenant)
  for (const grant of grants) {
    if (!plan.templates.includes(grant.template) || schema.entityType(grant.resource.type) === undefined) {
      throw new ClaimsError('ERR_CLAIMS_GRANTS', 'a grant names a template or a type that the plan does not have')
    }
  }
  // a grant that came by a team is packed under the team, so the team is an ancestor without being listed twice
  const parents = [...groups, ...granteesBesides(principal, grants, schema)]
  return factsOf({ uid: principal, attributes, parents }, grants, tenant, set?.links)
}

/**
 * The principal that a token speaks of: `User::"<sub>"`, or `Client::"<sub>"` for a client's own token (RFC 9068 section 5),
 * so that a client can never be taken for the person with the same id. Throws `ERR_CLAIMS_PRINCIPAL`.
 */
export function principalOf(
  claims: Pick<ReadableClaims, 'sub' | 'client_id'>,
  options: Pick<ReadOptions, 'schema' | 'principalType' | 'clientType'>,
): EntityUid {
  if (!isEntityId(claims.sub)) throw new ClaimsError('ERR_CLAIMS_PRINCIPAL', 'the subject is missing or malformed')
  const isClient = claims.sub === claims.client_id
  const type = isClient ? (options.clientType ?? 'Client') : (options.principalType ?? 'User')
  if (options.schema.entityType(type) === undefined) {
    throw new ClaimsError('ERR_CLAIMS_PRINCIPAL', `the schema has no entity type \`${type}\``, { member: type })
  }
  return entityUid(type, claims.sub)
}

/** The set that the token names, if it names one: that very set, and made for this token's issuer, audience, tenant and principal. */
function setOf(
  claims: ReadableClaims,
  principal: EntityUid,
  tenant: string | undefined,
  set: OpenGrantSet | undefined,
): OpenGrantSet | undefined {
  const digest = grantsReference(claims)
  if (digest === undefined) return undefined
  const { iss: issuer, aud: audience } = claims
  if (set?.digest !== digest) {
    throw new ClaimsError('ERR_CLAIMS_GRANTS_REF', 'the grants that the token names are not at hand')
  }
  if (typeof issuer !== 'string' || typeof audience !== 'string') throw new ClaimsError('ERR_CLAIMS_GRANT_SET_OWNER')
  requireOwner(set, { issuer, audience, tenant, principal })
  return set
}

function tenantOf(claim: unknown): string | undefined {
  if (claim === undefined) return undefined
  if (!isEntityId(claim)) throw new ClaimsError('ERR_CLAIMS_TENANT')
  return claim
}

function granteesBesides(principal: EntityUid, grants: readonly Grant[], schema: Schema): ReadonlySet<EntityUid> {
  const possible = ancestorTypes(schema, principal.type)
  const grantees = new Set(grants.map(({ grantee }) => grantee))
  for (const grantee of grantees) {
    if (grantee.type === principal.type && grantee.id === principal.id) grantees.delete(grantee)
    else if (!possible.has(grantee.type)) throw new ClaimsError('ERR_CLAIMS_GRANTS', 'a grant belongs to somebody else')
  }
  return grantees
}
