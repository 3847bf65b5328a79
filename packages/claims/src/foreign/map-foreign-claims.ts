// From the claims of an identity provider's own access token to the principal: what a guard without an authority uses.
// Such a token has no plan, no grants and no position in a log; its tenant and memberships are the provider's word.

import { type EntityUid, entityUid, type Schema, type Value } from '@cardea/policy'
import { ClaimsError, type ClaimsErrorCode } from '../errors.ts'
import { CLAIMS_LIMITS } from '../limits.ts'
import { isEntityId, isObject, ownField, valueOfClaim } from '../principal/claim-value.ts'
import { factsOf, type PrincipalFacts } from '../principal/facts.ts'
import { checkClaimMapping, type ClaimMapping, type ClaimPath, type MembershipSource, pathOf } from './claim-mapping.ts'

/**
 * The principal that a verified foreign token speaks of. Required attributes, memberships and the tenant must be there;
 * memberships that the provider moved elsewhere (`_claim_names`, `hasgroups`) are refused and never read as empty.
 * Throws what `checkClaimMapping` throws, `ERR_CLAIMS_FOREIGN_MISSING`, `ERR_CLAIMS_FOREIGN_VALUE`,
 * `ERR_CLAIMS_FOREIGN_OVERAGE`. Cost: linear in the claims; make it once per token.
 */
export function mapForeignClaims(
  mapping: ClaimMapping,
  claims: { readonly [name: string]: unknown },
  schema: Schema,
): PrincipalFacts {
  checkClaimMapping(mapping, schema)
  refuseOverage(mapping, claims)
  const { type, id } = mapping.principal
  const tenant = mapping.tenant === undefined ? undefined : idAt(claims, mapping.tenant)
  const entity = {
    uid: entityUid(type, idAt(claims, id)),
    attributes: attributesOf(mapping, claims, schema),
    parents: parentsOf(mapping, claims),
  }
  return factsOf(entity, [], tenant)
}

function attributesOf(
  mapping: ClaimMapping,
  claims: { readonly [name: string]: unknown },
  schema: Schema,
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>()
  const definitions = schema.entityType(mapping.principal.type)?.attributes ?? {}
  for (const [name, definition] of Object.entries(definitions)) {
    const source = ownField<ClaimPath | null>(mapping.attributes, name) ?? null
    const claim = source === null ? undefined : claimAt(claims, source)
    // a provider writes `null` for what a profile does not have
    if (claim === undefined || claim === null) {
      if (definition.optional !== true) throw refused('ERR_CLAIMS_FOREIGN_MISSING', source ?? name)
      continue
    }
    try {
      values.set(name, valueOfClaim(claim, definition))
    } catch (cause) {
      throw refused('ERR_CLAIMS_FOREIGN_VALUE', source ?? name, cause)
    }
  }
  return values
}

function parentsOf(mapping: ClaimMapping, claims: { readonly [name: string]: unknown }): EntityUid[] {
  return Object.entries<MembershipSource | null>(mapping.parents).flatMap(([type, source]) => {
    if (source === null) return []
    const { claim, whenMissing } = membershipOf(source)
    const ids = claimAt(claims, claim)
    if (ids === undefined) {
      if (whenMissing === 'none') return []
      throw refused('ERR_CLAIMS_FOREIGN_MISSING', claim)
    }
    if (!Array.isArray(ids) || ids.length > CLAIMS_LIMITS.memberships || !ids.every(isEntityId)) {
      throw refused('ERR_CLAIMS_FOREIGN_VALUE', claim)
    }
    return [...new Set(ids)].map((id) => entityUid(type, id))
  })
}

/** Entra's overage (`hasgroups`, `_claim_names`) and OpenID Connect Core section 5.6.2, distributed claims. */
function refuseOverage(mapping: ClaimMapping, claims: { readonly [name: string]: unknown }): void {
  const elsewhere = ownField(claims, '_claim_names') ?? {}
  if (!isObject(elsewhere)) throw refused('ERR_CLAIMS_FOREIGN_VALUE', '_claim_names')
  const memberships = Object.values<MembershipSource | null>(mapping.parents)
    .filter((source) => source !== null)
    .map((source) => membershipOf(source).claim)
  const attributes = Object.values<ClaimPath | null>(mapping.attributes).filter((source) => source !== null)
  for (const claim of [...memberships, ...attributes]) {
    const [name = ''] = pathOf(claim)
    if (Object.hasOwn(elsewhere, name)) throw refused('ERR_CLAIMS_FOREIGN_OVERAGE', claim)
  }
  const hasGroups = ownField(claims, 'hasgroups')
  const readsGroups = memberships.find((claim) => pathOf(claim)[0] === 'groups')
  if (readsGroups !== undefined && hasGroups !== undefined && hasGroups !== false) {
    throw refused('ERR_CLAIMS_FOREIGN_OVERAGE', readsGroups)
  }
}

function membershipOf(source: MembershipSource): { readonly claim: ClaimPath; readonly whenMissing?: 'none' } {
  return typeof source === 'object' && 'claim' in source ? source : { claim: source }
}

function idAt(claims: { readonly [name: string]: unknown }, claim: ClaimPath): string {
  const id = claimAt(claims, claim)
  if (id === undefined) throw refused('ERR_CLAIMS_FOREIGN_MISSING', claim)
  if (!isEntityId(id)) throw refused('ERR_CLAIMS_FOREIGN_VALUE', claim)
  return id
}

function claimAt(claims: { readonly [name: string]: unknown }, claim: ClaimPath): unknown {
  let at: unknown = claims
  for (const name of pathOf(claim)) at = isObject(at) ? ownField(at, name) : undefined
  return at
}

function refused(code: ClaimsErrorCode, claim: ClaimPath, cause?: unknown): ClaimsError {
  const member = pathOf(claim).join('.')
  return new ClaimsError(code, undefined, { member, cause })
}
