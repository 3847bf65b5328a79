// What the authority puts into a token about its principal: what the plan names, and nothing else.

import type { EntityUid, Schema, Value } from '@cardea/policy'
import { ClaimsError } from '../errors.ts'
import type { Grant } from '../grant/grant.ts'
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

/**
 * Packs by the plan; attributes, ancestors and grants that it does not name are left out. Grants of templates or types that
 * are not there are no error: an audience need not know all templates, and a grant may be older than the schema.
 * Throws `ERR_CLAIMS_PRINCIPAL`, `ERR_CLAIMS_TENANT`, `ERR_CLAIMS_ATTRIBUTE`, `ERR_CLAIMS_ATTRIBUTE_MISSING`,
 * `ERR_CLAIMS_GROUPS`, `ERR_CLAIMS_GRANTS` (also for a grant to somebody else) and `ERR_CLAIMS_GRANTS_LIMIT`.
 */
export function packPrincipal(input: PrincipalInput, plan: ClaimsPlan, schema: Schema): PrincipalClaims {
  const { principal, ancestors } = input
  const definition = schema.entityType(principal.type)
  if (definition === undefined) throw new ClaimsError('ERR_CLAIMS_PRINCIPAL')
  const planned = plannedPrincipal(plan, principal.type)
  const grants = input.grants.filter(
    ({ template, resource }) => plan.templates.includes(template) && schema.entityType(resource.type) !== undefined,
  )
  for (const { grantee, tenant } of grants) {
    const isOwn = isSame(grantee, principal) || ancestors.some((ancestor) => isSame(ancestor, grantee))
    if (!isOwn) throw new ClaimsError('ERR_CLAIMS_GRANTS', 'a grant belongs to somebody else')
    if (tenant !== (input.tenant ?? '')) throw new ClaimsError('ERR_CLAIMS_TENANT')
  }
  return {
    plan: plan.digest,
    attrs: packAttributes(input.attributes, planned.attributes, definition.attributes),
    groups: packGroups(ancestors, planned.ancestors),
    grants: packGrants(grants, plan),
  }
}

function isSame(left: EntityUid, right: EntityUid): boolean {
  return left.type === right.type && left.id === right.id
}
