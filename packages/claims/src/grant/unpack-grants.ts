// The way back from the `grants` claim: strict, bounded, and deaf to every spelling but the canonical one.

import { type EntityUid, entityUid } from '@cardea/policy'
import { ClaimsError } from '../errors.ts'
import { type GrantLimits, IN_TOKEN } from '../limits.ts'
import { isEntityId } from '../principal/claim-value.ts'
import type { Grant } from './grant.ts'
import { compareIds, unpackIds } from './id-list.ts'
import { isEnd } from './pack-grants.ts'

/**
 * Reads packed grants; all belong to the tenant of the token that held them. Whether template and types exist is for the
 * reader who has the plan: see `readPrincipal`. The grants are frozen.
 * Throws `ERR_CLAIMS_GRANTS`, `ERR_CLAIMS_GRANTS_LIMIT`, or the code of other limits than those of a token. Cost: linear.
 */
export function unpackGrants(packed: unknown, tenant = '', limits: GrantLimits = IN_TOKEN): Grant[] {
  if (!Array.isArray(packed)) throw malformed()
  if (packed.length === 0) return []
  if (packed.length > limits.grantees + 1) throw new ClaimsError(limits.code)
  const [nameList, ...rows]: readonly unknown[] = packed
  const names = createNames(nameList)
  const grants: Grant[] = []
  let previous: EntityUid | undefined
  for (const row of rows) {
    if (!Array.isArray(row) || row.length < 3) throw malformed()
    const [type, id, ...groups]: readonly unknown[] = row
    if (!isEntityId(id)) throw malformed()
    const grantee = entityUid(names.at(type), id)
    if (previous !== undefined && compareUids(previous, grantee) >= 0) throw malformed()
    previous = grantee
    unpackGroups(groups, Object.freeze(grantee), { names, tenant, limits, into: grants })
  }
  if (!names.areAllUsed()) throw malformed()
  return grants
}

interface Names {
  at(position: unknown): string
  areAllUsed(): boolean
}

function createNames(list: unknown): Names {
  if (!Array.isArray(list) || !list.every(isEntityId)) throw malformed()
  const names: readonly string[] = list
  if (!names.every((name, index) => index === 0 || compareIds(names[index - 1] ?? '', name) < 0)) throw malformed()
  const used = new Set<string>()
  return {
    at(position) {
      const name = typeof position === 'number' && Number.isInteger(position) ? names[position] : undefined
      if (name === undefined) throw malformed()
      used.add(name)
      return name
    },
    areAllUsed: () => used.size === names.length,
  }
}

interface Unpacking {
  readonly names: Names
  readonly tenant: string
  readonly limits: GrantLimits
  readonly into: Grant[]
}

function unpackGroups(
  groups: readonly unknown[],
  grantee: EntityUid,
  { names, tenant, limits, into }: Unpacking,
): void {
  let previous: GroupPlace | undefined
  let lasting: ReadonlySet<string> = new Set()
  for (const group of groups) {
    if (!Array.isArray(group) || group.length < 3 || group.length > 4) throw malformed()
    const [templatePosition, typePosition, packedIds, ends]: readonly unknown[] = group
    const template = names.at(templatePosition)
    const type = names.at(typePosition)
    const place = [template, type, group.length] as const
    if (previous !== undefined && compareGroups(previous, place) >= 0) throw malformed()
    const ids = unpackIds(packedIds, limits.grants, 'ERR_CLAIMS_GRANTS')
    if (ids.length === 0) throw malformed()
    // a grant that lasts needs no end beside it
    const isSecond = previous?.[0] === template && previous[1] === type
    if (isSecond && ids.some((id) => lasting.has(id))) throw malformed()
    lasting = new Set(ids)
    previous = place
    if (into.length + ids.length > limits.grants) throw new ClaimsError(limits.code)
    const until = group.length === 4 ? endsOf(ends, ids.length) : []
    for (const [index, id] of ids.entries()) {
      const untilSeconds = until[index]
      const grant = { tenant, grantee, template, resource: Object.freeze(entityUid(type, id)) }
      into.push(Object.freeze(untilSeconds === undefined ? grant : { ...grant, untilSeconds }))
    }
  }
}

function endsOf(ends: unknown, count: number): readonly number[] {
  if (!Array.isArray(ends) || ends.length !== count || !ends.every(isEnd)) throw malformed()
  return ends
}

function compareUids(left: EntityUid, right: EntityUid): number {
  return compareIds(left.type, right.type) || compareIds(left.id, right.id)
}

type GroupPlace = readonly [template: string, type: string, length: number]

function compareGroups(left: GroupPlace, right: GroupPlace): number {
  return compareIds(left[0], right[0]) || compareIds(left[1], right[1]) || left[2] - right[2]
}

function malformed(): ClaimsError {
  return new ClaimsError('ERR_CLAIMS_GRANTS')
}
