// The scopes of all policies as data, so that a request looks only at policies that could be about it. A row stands under each action of
// its policy and under one entity that its scope names; its tests say what must hold, in the forms of `rego/cedar/request.rego`.
//
//   table[action type][action id]["principal" or "resource"][type][id] = [{"place", "policy", "effect", "tests", "id" or "slots"}, ...]

import type { EntityUid, Policy, Scope, Slot, TemplateLink } from '@cardea/policy'
import type { OpaJson, OpaObject } from '../bundle/opa-json.ts'

/** An entity that a scope names, and its side. */
type Place = readonly [side: Slot, type: string, id: string]

interface Row {
  readonly policy: Policy
  readonly places: readonly Place[]
  readonly members: OpaObject
}

type Filled = { readonly [side in Slot]?: EntityUid | undefined }

/** What names none. No type of Cedar has this name. */
const ANY: EntityUid = { kind: 'entity', type: '*', id: '*' }
const NOWHERE: Place = ['principal', ANY.type, ANY.id]

/** `links`: those that always count. Cost: linear in the policies, the actions that they name, and the links. */
export function scopeTable(policies: readonly Policy[], links: readonly TemplateLink[]): OpaJson {
  const byTemplate = Map.groupBy(links, ({ template }) => template)
  const rows = policies.flatMap((policy, place) => {
    const own = policy.slots.length === 0 ? { id: policy.id } : { slots: slotsOf(policy) }
    return [
      rowOf(policy, place, {}, own),
      ...(byTemplate.get(policy.id) ?? [])
        .filter((link) => fills(policy, link))
        .map((link) => rowOf(policy, place, link, { id: link.id })),
    ]
  })
  const count = countPlaces(rows)
  const table: Tree = new Map()
  for (const { policy, places, members } of rows) {
    const place = places.toSorted((left, right) => count(left) - count(right))[0] ?? NOWHERE
    for (const action of actionsOf(policy)) append(table, [action.type, action.id, ...place], members)
  }
  return table
}

function rowOf(policy: Policy, place: number, filled: Filled, own: OpaObject): Row {
  const { id, effect, action } = policy
  const entities = SIDES.map((side) => [side, entityOf(policy[side], filled)] as const)
  const tests = [
    ...(action.kind === 'equal' ? [['action', '==', uidOf(action.entity)]] : []),
    ...entities.flatMap(([side, entity]) => testsOf(side, policy[side], entity)),
  ]
  return {
    policy,
    places: entities.flatMap(([side, entity]) =>
      entity === undefined ? [] : [[side, entity.type, entity.id] as const],
    ),
    members: { place, policy: id, effect, tests, ...own },
  }
}

const SIDES: readonly Slot[] = ['principal', 'resource']

function testsOf(side: Slot, scope: Scope, entity: EntityUid | undefined): OpaJson[] {
  return [
    ...(scope.kind === 'is' ? [[side, 'is', scope.type]] : []),
    ...(entity === undefined ? [] : [[side, relationOf(scope), uidOf(entity)]]),
  ]
}

/** How the entity of each slot must be met. */
function slotsOf(policy: Policy): OpaObject {
  return Object.fromEntries(policy.slots.map((slot) => [slot, relationOf(policy[slot])]))
}

function relationOf({ kind }: Scope): string {
  return kind === 'equal' ? '==' : 'in'
}

/** A link that fills other slots than its template has says nothing. */
function fills({ slots }: Policy, link: TemplateLink): boolean {
  return SIDES.every((side) => slots.includes(side) === (link[side] !== undefined))
}

function entityOf(scope: Scope, filled: Filled): EntityUid | undefined {
  const entity = scope.kind === 'all' ? undefined : scope.kind === 'is' ? scope.in : scope.entity
  return entity?.kind === 'slot' ? filled[entity.slot] : entity
}

function actionsOf({ action }: Policy): readonly EntityUid[] {
  switch (action.kind) {
    case 'all':
      return [ANY]
    case 'equal':
      return [action.entity]
    case 'in':
      return action.entities
    default:
      return action satisfies never
  }
}

/** How many rows could stand at a place. */
function countPlaces(rows: readonly Row[]): (place: Place) => number {
  const counts = new Map<string, number>()
  const keyOf = (place: Place): string => JSON.stringify(place)
  for (const place of rows.flatMap(({ places }) => places))
    counts.set(keyOf(place), (counts.get(keyOf(place)) ?? 0) + 1)
  return (place) => counts.get(keyOf(place)) ?? 0
}

/** Levels of names, and lists of rows at the end. */
type Tree = Map<string, Tree | OpaObject[]>

function append(tree: Tree, [name, ...deeper]: readonly string[], row: OpaObject): void {
  if (name === undefined) return
  const found = tree.get(name)
  if (deeper.length === 0) {
    if (Array.isArray(found)) found.push(row)
    else tree.set(name, [row])
    return
  }
  const branch: Tree = found instanceof Map ? found : new Map()
  tree.set(name, branch)
  append(branch, deeper, row)
}

function uidOf({ type, id }: EntityUid): OpaJson {
  return [type, id]
}
