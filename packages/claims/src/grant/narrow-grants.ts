// Less than what is held (RFC 9396 section 7, RFC 6749 section 6): grants within a limit.
//
// INVARIANT: what comes out is part of the grants that went in, and ends no later; no limit adds anything.

import { type EntityUid, sameEntity } from '@cardea/policy'
import type { Grant } from './grant.ts'

/** One grant that may stay. A grant is a limit of its own, so what came out once can limit what comes out next. */
export interface GrantLimit {
  readonly template: string
  readonly resource: EntityUid
  /** `undefined`: whoever it was granted to, the subject or one of its groups. */
  readonly grantee?: EntityUid | undefined
  /** Unix seconds, exclusive: what stays ends no later. `undefined`: when the grant itself ends. */
  readonly untilSeconds?: number | undefined
}

/** The grants that a limit names, each until the earlier of the two ends. Cost: linear in both. */
export function narrowGrants(grants: readonly Grant[], limits: readonly GrantLimit[]): Grant[] {
  const byTarget = new Map<string, GrantLimit[]>()
  for (const limit of limits) {
    const key = targetOf(limit)
    const known = byTarget.get(key)
    if (known === undefined) byTarget.set(key, [limit])
    else known.push(limit)
  }
  return grants.flatMap((grant) => {
    const naming = (byTarget.get(targetOf(grant)) ?? []).filter(
      ({ grantee }) => grantee === undefined || sameEntity(grantee, grant.grantee),
    )
    return naming.length === 0 ? [] : [endingWith(grant, naming)]
  })
}

/** Of limits that name the same grant, the one that ends last counts, as of two grants. */
function endingWith(grant: Grant, naming: readonly GrantLimit[]): Grant {
  const end = Math.max(...naming.map(({ untilSeconds }) => untilSeconds ?? Number.POSITIVE_INFINITY))
  return end < (grant.untilSeconds ?? Number.POSITIVE_INFINITY) ? { ...grant, untilSeconds: end } : grant
}

function targetOf({ template, resource }: Pick<GrantLimit, 'template' | 'resource'>): string {
  return JSON.stringify([template, resource.type, resource.id])
}
