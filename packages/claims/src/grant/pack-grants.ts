// The `grants` claim. Grouped by grantee, then by template, resource type and whether there is an end; templates and types
// by their position in the plan; UUIDs in 22 characters. Random ids do not compress, so nothing else is tried.
//
//   [[granteeType, granteeId, [template, resourceType, ids], [template, resourceType, ids, untilSeconds[]]], ...]
//
// INVARIANT: a set of grants has exactly one packed form; any other spelling is refused, whoever signed it.

import { type EntityUid, entityUid } from '@cardea/policy'
import { ClaimsError } from '../errors.ts'
import { CLAIMS_LIMITS } from '../limits.ts'
import type { ClaimsPlan } from '../plan/plan.ts'
import { isEntityId } from '../principal/claim-value.ts'
import type { Grant } from './grant.ts'
import { compareIds, type IdList, packIds, unpackIds } from './id-list.ts'

export type PackedGrants = readonly PackedGrantee[]
type PackedGrantee = readonly [granteeType: number, granteeId: string, ...groups: PackedGroup[]]
type PackedGroup =
  | readonly [template: number, resourceType: number, ids: IdList]
  | readonly [template: number, resourceType: number, ids: IdList, untilSeconds: readonly number[]]

/**
 * Packs grants of one tenant. Of two that differ only in their end, the later one stays; none is later than any.
 * Throws `ERR_CLAIMS_TENANT`, `ERR_CLAIMS_TEMPLATE`, `ERR_CLAIMS_GRANTS` (a type that the plan does not have, an
 * impossible id or end), `ERR_CLAIMS_GRANTS_LIMIT`.
 */
export function packGrants(grants: readonly Grant[], plan: ClaimsPlan): PackedGrants {
  const groups = new Map<string, Group>()
  for (const grant of grants) {
    if (grant.tenant !== grants[0]?.tenant) throw new ClaimsError('ERR_CLAIMS_TENANT')
    addTo(groups, grant, plan)
  }
  const sorted = [...groups.values()].sort(compareGroups)
  const rows: [number, string, ...PackedGroup[]][] = []
  let count = 0
  for (const group of sorted) {
    let row = rows.at(-1)
    if (row?.[0] !== group.granteeType || row[1] !== group.granteeId) {
      rows.push((row = [group.granteeType, group.granteeId]))
    }
    row.push(...packGroup(group))
    count += group.ends.size
  }
  if (count > CLAIMS_LIMITS.grants || rows.length > CLAIMS_LIMITS.grantees) {
    throw new ClaimsError('ERR_CLAIMS_GRANTS_LIMIT')
  }
  return rows
}

/**
 * Reads packed grants by the plan that packed them; all belong to the tenant of the token.
 * Throws `ERR_CLAIMS_GRANTS`, `ERR_CLAIMS_GRANTS_LIMIT`. Cost: linear.
 */
export function unpackGrants(packed: unknown, plan: ClaimsPlan, tenant: string): Grant[] {
  if (!Array.isArray(packed)) throw malformed()
  if (packed.length > CLAIMS_LIMITS.grantees) throw new ClaimsError('ERR_CLAIMS_GRANTS_LIMIT')
  const grants: Grant[] = []
  let previous: readonly [number, string] | undefined
  for (const row of packed as readonly unknown[]) {
    if (!Array.isArray(row) || row.length < 3) throw malformed()
    const [typeIndex, id, ...groups]: readonly unknown[] = row
    const type = named(plan.types, typeIndex)
    if (!isEntityId(id) || typeof typeIndex !== 'number') throw malformed()
    const place = [typeIndex, id] as const
    if (previous !== undefined && comparePlaces(previous, place) >= 0) throw malformed()
    previous = place
    unpackGroups(groups, entityUid(type, id), plan, tenant, grants)
  }
  return grants
}

/** Grants that share everything but the id and the end. `ends`: resource id to end, or to none. */
interface Group {
  readonly granteeType: number
  readonly granteeId: string
  readonly template: number
  readonly resourceType: number
  readonly ends: Map<string, number | undefined>
}

function addTo(groups: Map<string, Group>, grant: Grant, plan: ClaimsPlan): void {
  const { grantee, resource, untilSeconds } = grant
  const template = plan.templates.indexOf(grant.template)
  if (template === -1) {
    const message = `a grant names \`${grant.template}\`, which is no template of the plan that can be granted`
    throw new ClaimsError('ERR_CLAIMS_TEMPLATE', message, { member: grant.template })
  }
  const granteeType = plan.types.indexOf(grantee.type)
  const resourceType = plan.types.indexOf(resource.type)
  if (granteeType === -1 || resourceType === -1 || !isEntityId(grantee.id) || !isEntityId(resource.id))
    throw malformed()
  if (untilSeconds !== undefined && !isEnd(untilSeconds)) throw malformed()
  const key = JSON.stringify([granteeType, grantee.id, template, resourceType])
  const group = groups.get(key) ?? { granteeType, granteeId: grantee.id, template, resourceType, ends: new Map() }
  groups.set(key, group)
  const known = group.ends.get(resource.id)
  const isNew = !group.ends.has(resource.id)
  if (isNew) group.ends.set(resource.id, untilSeconds)
  else if (known !== undefined) {
    group.ends.set(resource.id, untilSeconds === undefined ? undefined : Math.max(known, untilSeconds))
  }
}

function packGroup({ template, resourceType, ends }: Group): PackedGroup[] {
  const sorted = [...ends].sort(([left], [right]) => compareIds(left, right))
  const lasting = sorted.filter(([, end]) => end === undefined).map(([id]) => id)
  const ending = sorted.flatMap(([id, end]) => (end === undefined ? [] : [{ id, end }]))
  const packed: PackedGroup[] = []
  if (lasting.length > 0) packed.push([template, resourceType, packIds(lasting)])
  if (ending.length > 0) {
    packed.push([template, resourceType, packIds(ending.map(({ id }) => id)), ending.map(({ end }) => end)])
  }
  return packed
}

function unpackGroups(
  groups: readonly unknown[],
  grantee: EntityUid,
  plan: ClaimsPlan,
  tenant: string,
  into: Grant[],
): void {
  let previous: readonly [number, number, number] | undefined
  for (const group of groups) {
    if (!Array.isArray(group) || group.length < 3 || group.length > 4) throw malformed()
    const [templateIndex, typeIndex, packedIds, ends]: readonly unknown[] = group
    const template = named(plan.templates, templateIndex)
    const type = named(plan.types, typeIndex)
    const place = [Number(templateIndex), Number(typeIndex), group.length] as const
    if (previous !== undefined && comparePlaces(previous, place) >= 0) throw malformed()
    previous = place
    const ids = unpackIds(packedIds, CLAIMS_LIMITS.grants, 'ERR_CLAIMS_GRANTS')
    if (ids.length === 0) throw malformed()
    if (into.length + ids.length > CLAIMS_LIMITS.grants) throw new ClaimsError('ERR_CLAIMS_GRANTS_LIMIT')
    const until = group.length === 4 ? endsOf(ends, ids.length) : undefined
    for (const [index, id] of ids.entries()) {
      const grant = { tenant, grantee, template, resource: entityUid(type, id) }
      const untilSeconds = until?.[index]
      into.push(Object.freeze(untilSeconds === undefined ? grant : { ...grant, untilSeconds }))
    }
  }
}

function named(names: readonly string[], index: unknown): string {
  const name = typeof index === 'number' && Number.isInteger(index) ? names[index] : undefined
  if (name === undefined) throw malformed()
  return name
}

function endsOf(ends: unknown, count: number): readonly number[] {
  if (!Array.isArray(ends) || ends.length !== count || !ends.every(isEnd)) throw malformed()
  return ends
}

function isEnd(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function compareGroups(left: Group, right: Group): number {
  return comparePlaces(
    [left.granteeType, left.granteeId, left.template, left.resourceType],
    [right.granteeType, right.granteeId, right.template, right.resourceType],
  )
}

function comparePlaces(left: readonly (number | string)[], right: readonly (number | string)[]): number {
  for (const [index, one] of left.entries()) {
    const other = right[index] ?? 0
    if (one !== other) return one < other ? -1 : 1
  }
  return 0
}

function malformed(): ClaimsError {
  return new ClaimsError('ERR_CLAIMS_GRANTS')
}
