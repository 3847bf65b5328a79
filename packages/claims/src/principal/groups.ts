// The `groups` claim: the ancestors of the principal by entity type, for the types that the plan names. A type that a
// restrictive condition reads is always there, with an empty list if the principal is in none.

import { type EntityUid, entityUid } from '@cardea/policy'
import { ClaimsError } from '../errors.ts'
import { compareIds, type IdList, packIds, unpackIds } from '../grant/id-list.ts'
import { CLAIMS_LIMITS } from '../limits.ts'
import type { PlannedAncestor } from '../plan/plan.ts'
import { isEntityId, isObject, ownField } from './claim-value.ts'

/** Throws `ERR_CLAIMS_GROUPS` for an impossible id or too many. */
export function packGroups(
  ancestors: readonly EntityUid[],
  planned: readonly PlannedAncestor[],
): { readonly [type: string]: IdList } {
  const packed: [string, IdList][] = []
  for (const { type, restrictive } of planned) {
    const ids = new Set(ancestors.filter((ancestor) => ancestor.type === type).map(({ id }) => id))
    if (ids.size > CLAIMS_LIMITS.memberships || ![...ids].every(isEntityId)) throw refused(type)
    if (ids.size > 0 || restrictive) packed.push([type, packIds([...ids].sort(compareIds))])
  }
  return Object.fromEntries(packed)
}

/** Throws `ERR_CLAIMS_GROUPS`, `ERR_CLAIMS_GROUPS_MISSING`. */
export function readGroups(claim: unknown, planned: readonly PlannedAncestor[]): EntityUid[] {
  if (!isObject(claim)) throw new ClaimsError('ERR_CLAIMS_GROUPS')
  for (const type of Object.keys(claim)) {
    if (!planned.some((ancestor) => ancestor.type === type)) throw new ClaimsError('ERR_CLAIMS_GROUPS')
  }
  return planned.flatMap(({ type, restrictive }) => {
    const ids = ownField(claim, type)
    if (ids === undefined) {
      if (restrictive) throw new ClaimsError('ERR_CLAIMS_GROUPS_MISSING', undefined, { member: type })
      return []
    }
    return unpackIds(ids, CLAIMS_LIMITS.memberships, 'ERR_CLAIMS_GROUPS').map((id) => entityUid(type, id))
  })
}

/** Every membership that a claim holds, whatever was planned: for tools that show tokens. Throws `ERR_CLAIMS_GROUPS`. */
export function unpackGroups(claim: unknown): EntityUid[] {
  if (!isObject(claim)) throw new ClaimsError('ERR_CLAIMS_GROUPS')
  return Object.entries(claim).flatMap(([type, ids]) =>
    unpackIds(ids, CLAIMS_LIMITS.memberships, 'ERR_CLAIMS_GROUPS').map((id) => entityUid(type, id)),
  )
}

function refused(type: string): ClaimsError {
  return new ClaimsError('ERR_CLAIMS_GROUPS', `memberships in \`${type}\` are too many or have impossible ids`, {
    member: type,
  })
}
