// The `grants` claim, as short as it gets. Grouped by grantee, then by template, resource type and whether there is an end.
// Names stand once, in front; UUIDs take 22 characters. Random ids do not compress, so nothing else is tried.
//
//   [[name, ...], [granteeType, granteeId, [template, resourceType, ids], [template, resourceType, ids, ends]], ...]
//
// INVARIANT: a set of grants has exactly one packed form; any other spelling is refused, whoever signed it.

import { ClaimsError } from '../errors.ts'
import { type GrantLimits, IN_TOKEN } from '../limits.ts'
import type { ClaimsPlan } from '../plan/plan.ts'
import { isEntityId } from '../principal/claim-value.ts'
import type { Grant } from './grant.ts'
import { compareIds, type IdList, packIds } from './id-list.ts'

/** Names first, then a row for each grantee; nothing at all when there are no grants. */
export type PackedGrants = readonly [] | readonly [names: readonly string[], ...rows: PackedGrantee[]]

/** `granteeType`, `template` and `resourceType` are positions in the names. */
export type PackedGrantee = readonly [granteeType: number, granteeId: string, ...groups: PackedGroup[]]

export type PackedGroup =
  | readonly [template: number, resourceType: number, ids: IdList]
  | readonly [template: number, resourceType: number, ids: IdList, untilSeconds: readonly number[]]

/**
 * Packs grants of one tenant. Of two that differ only in their end, the later one stays; none is later than any.
 * Throws `ERR_CLAIMS_TENANT`, `ERR_CLAIMS_TEMPLATE`, `ERR_CLAIMS_GRANTS` (an impossible id or end),
 * `ERR_CLAIMS_GRANTS_LIMIT`, or the code of other limits than those of a token.
 */
export function packGrants(grants: readonly Grant[], plan: ClaimsPlan, limits: GrantLimits = IN_TOKEN): PackedGrants {
  const groups = new Map<string, Group>()
  for (const grant of grants) {
    if (grant.tenant !== grants[0]?.tenant) throw new ClaimsError('ERR_CLAIMS_TENANT')
    checkGrant(grant, plan)
    addTo(groups, grant)
  }
  const sorted = [...groups.values()].sort(compareGroups)
  const names = [...new Set(sorted.flatMap((group) => [group.granteeType, group.template, group.resourceType]))]
  names.sort(compareIds)
  const position = new Map(names.map((name, index) => [name, index]))
  const rows: [number, string, ...PackedGroup[]][] = []
  let previous: Group | undefined
  for (const group of sorted) {
    if (previous?.granteeType !== group.granteeType || previous.granteeId !== group.granteeId) {
      rows.push([position.get(group.granteeType) ?? 0, group.granteeId])
    }
    rows.at(-1)?.push(...packGroup(group, position.get(group.template) ?? 0, position.get(group.resourceType) ?? 0))
    previous = group
  }
  const count = sorted.reduce((sum, group) => sum + group.ends.size, 0)
  if (count > limits.grants || rows.length > limits.grantees) throw new ClaimsError(limits.code)
  return rows.length === 0 ? [] : [names, ...rows]
}

/** Unix seconds that a grant can end at. */
export function isEnd(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** Grants that share everything but the id and the end. `ends`: resource id to end, or to none. */
interface Group {
  readonly granteeType: string
  readonly granteeId: string
  readonly template: string
  readonly resourceType: string
  readonly ends: Map<string, number | undefined>
}

function checkGrant({ template, grantee, resource, untilSeconds }: Grant, plan: ClaimsPlan): void {
  if (!plan.templates.includes(template)) {
    const message = `a grant names \`${template}\`, which is no template of the plan that can be granted`
    throw new ClaimsError('ERR_CLAIMS_TEMPLATE', message, { member: template })
  }
  const ids = isEntityId(grantee.id) && isEntityId(resource.id)
  if (!ids || (untilSeconds !== undefined && !isEnd(untilSeconds))) throw new ClaimsError('ERR_CLAIMS_GRANTS')
}

function addTo(groups: Map<string, Group>, { template, grantee, resource, untilSeconds }: Grant): void {
  const key = JSON.stringify([grantee.type, grantee.id, template, resource.type])
  let group = groups.get(key)
  if (group === undefined) {
    group = { granteeType: grantee.type, granteeId: grantee.id, template, resourceType: resource.type, ends: new Map() }
    groups.set(key, group)
  }
  const known = group.ends.get(resource.id)
  if (!group.ends.has(resource.id)) group.ends.set(resource.id, untilSeconds)
  else if (known !== undefined) {
    group.ends.set(resource.id, untilSeconds === undefined ? undefined : Math.max(known, untilSeconds))
  }
}

function packGroup({ ends }: Group, template: number, resourceType: number): PackedGroup[] {
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

/** Names are sorted, so this is the order of their positions too. */
function compareGroups(left: Group, right: Group): number {
  return (
    compareIds(left.granteeType, right.granteeType) ||
    compareIds(left.granteeId, right.granteeId) ||
    compareIds(left.template, right.template) ||
    compareIds(left.resourceType, right.resourceType)
  )
}
