// What the authority puts into a token about its principal: what the plan names, and nothing else.

import type { EntityUid, Schema, Value } from '@cardea/policy'
import { ClaimsError } from '../errors.ts'
import type { Grant } from '../grant/grant.ts'
import { type GrantSet, packGrantSet } from '../grant/grant-set.ts'
import { type PackedGrants, packGrants } from '../grant/pack-grants.ts'
import type { IdList } from '../grant/id-list.ts'
import { type ClaimsPlan, plannedPrincipal } from '../plan/plan.ts'
import { packAttributes } from './attributes.ts'
import { packGroups } from './groups.ts'

export interface PrincipalInput {
  readonly principal: EntityUid
  /** `''` or nothing where there are no tenants. */
  readonly tenant?: string | undefined
  readonly attributes: ReadonlyMap<string, Value>
  /** Every ancestor, transitively closed. */
  readonly ancestors: readonly EntityUid[]
  /** Live grants to the principal or to one of its ancestors. */
  readonly grants: readonly Grant[]
}

/** Claims to be spread into a token, all four always. */
export interface PrincipalClaims {
  readonly plan: string
  readonly attrs: { readonly [name: string]: unknown }
  readonly groups: { readonly [type: string]: IdList }
  readonly grants: PackedGrants
}

/** The same, with a digest in place of the grants. */
export type ReferringClaims = Omit<PrincipalClaims, 'grants'> & { readonly grants_ref: string }

/** Where the token that names the set is from, and for: the set is worth nothing elsewhere. */
export interface GrantPlace {
  readonly issuer: string
  readonly audience: string
}

export interface PrincipalByReference {
  readonly claims: ReferringClaims
  /** To be kept for guards until the last token that names it has expired. */
  readonly set: GrantSet
}

/**
 * Packs by the plan; attributes, ancestors and grants that it does not name are left out. Grants of templates or types that
 * are not there are no error: an audience need not know all templates, and a grant may be older than the schema.
 * Throws `ERR_CLAIMS_PRINCIPAL`, `ERR_CLAIMS_TENANT`, `ERR_CLAIMS_ATTRIBUTE`, `ERR_CLAIMS_ATTRIBUTE_MISSING`,
 * `ERR_CLAIMS_GROUPS`, `ERR_CLAIMS_GRANTS` (also for a grant to somebody else) and `ERR_CLAIMS_GRANTS_LIMIT`.
 */
export function packPrincipal(input: PrincipalInput, plan: ClaimsPlan, schema: Schema): PrincipalClaims {
  return { ...factClaims(input, plan, schema), grants: packGrants(ownGrants(input, plan, schema), plan) }
}

/**
 * The same when the grants do not fit into a token: they become a set that the token names. Throws what `packPrincipal` throws, with
 * `ERR_CLAIMS_GRANT_SET_LIMIT` in place of `ERR_CLAIMS_GRANTS_LIMIT`.
 */
export function packPrincipalByReference(
  input: PrincipalInput,
  plan: ClaimsPlan,
  schema: Schema,
  { issuer, audience }: GrantPlace,
): PrincipalByReference {
  const { principal, tenant } = input
  const owner = { issuer, audience, tenant: tenant === '' ? undefined : tenant, principal }
  const set = packGrantSet(ownGrants(input, plan, schema), owner, plan)
  return { claims: { ...factClaims(input, plan, schema), grants_ref: set.digest }, set }
}

function factClaims(input: PrincipalInput, plan: ClaimsPlan, schema: Schema): Omit<PrincipalClaims, 'grants'> {
  const { principal, ancestors, attributes } = input
  const definition = schema.entityType(principal.type)
  if (definition === undefined) throw new ClaimsError('ERR_CLAIMS_PRINCIPAL')
  const planned = plannedPrincipal(plan, principal.type)
  return {
    plan: plan.digest,
    attrs: packAttributes(attributes, planned.attributes, definition.attributes),
    groups: packGroups(ancestors, planned.ancestors),
  }
}

function ownGrants({ principal, ancestors, ...input }: PrincipalInput, plan: ClaimsPlan, schema: Schema): Grant[] {
  const own = new Set([principal, ...ancestors].map(keyOf))
  const grants = input.grants.filter(
    ({ template, resource }) => plan.templates.includes(template) && schema.entityType(resource.type) !== undefined,
  )
  for (const { grantee, tenant } of grants) {
    if (!own.has(keyOf(grantee))) throw new ClaimsError('ERR_CLAIMS_GRANTS', 'a grant belongs to somebody else')
    if (tenant !== (input.tenant ?? '')) throw new ClaimsError('ERR_CLAIMS_TENANT')
  }
  return grants
}

function keyOf({ type, id }: EntityUid): string {
  return JSON.stringify([type, id])
}
