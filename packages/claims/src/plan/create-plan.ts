// From policies to a plan. What a policy reads is `readsOf`'s word; here it is sorted by the principal types that the
// policy can meet, and cut where a token cannot follow: at references to other entities.

import type { Policy, Schema, TypeDefinition } from '@cardea/policy'
import { actionsInScope, type Reads, readsOf } from '@cardea/policy/check'
import { ClaimsError } from '../errors.ts'
import { type ClaimsPlan, mergePrincipals, type PlannedPrincipal, planOf } from './plan.ts'
import { ancestorTypes, attributeType } from './schema-types.ts'

export interface PlanInput {
  readonly policies: readonly Policy[]
  readonly schema: Schema
  /** Names of the actions that the audience serves; all of the schema by default. */
  readonly actions?: readonly string[]
}

/**
 * What a token for these policies must say of its principal. A template that can be granted is a `permit` with both slots.
 * Throws `ERR_CLAIMS_PLAN_UNREACHABLE`. Cost: linear in the policies.
 */
export function createPlan(input: PlanInput): ClaimsPlan {
  const actions = input.actions ?? Object.keys(input.schema.definition.actions)
  return planFor(reachesOf(input.policies, input.schema), actions, input.schema)
}

/**
 * What each action needs of a token, by action name. A guard compares it with the token's plan: see `planCovers`.
 * Throws `ERR_CLAIMS_PLAN_UNREACHABLE`. Cost: linear in the policies, plus what they read together for each action.
 */
export function requirementsByAction(policies: readonly Policy[], schema: Schema): ReadonlyMap<string, ClaimsPlan> {
  const reaches = reachesOf(policies, schema)
  const names = Object.keys(schema.definition.actions)
  return new Map(names.map((name) => [name, planFor(reaches, [name], schema)]))
}

/** What the policies that speak of the same actions read of each principal type, all together. */
interface Reach {
  readonly actions: ReadonlySet<string>
  readonly principals: ReadonlyMap<string, PlannedPrincipal>
  /** Ids of those that are templates that can be granted. */
  readonly templates: readonly string[]
}

function planFor(reaches: readonly Reach[], actions: readonly string[], schema: Schema): ClaimsPlan {
  const served = new Set(actions)
  const counting = reaches.filter((reach) => !reach.actions.isDisjointFrom(served))
  const principalTypes = new Set(actions.flatMap((name) => schema.action(name)?.principals ?? []))
  return planOf({
    principals: counting.flatMap((reach) => [...reach.principals].filter(([type]) => principalTypes.has(type))),
    templates: counting.flatMap((reach) => reach.templates),
  })
}

function reachesOf(policies: readonly Policy[], schema: Schema): readonly Reach[] {
  const byActions = Map.groupBy(policies, ({ action }) => actionsInScope(action, schema))
  return [...byActions].map(([names, group]): Reach => {
    const types = new Set(names.flatMap((name) => schema.action(name)?.principals ?? []))
    return {
      actions: new Set(names),
      principals: mergePrincipals(group.flatMap((policy) => principalsOf(policy, types, schema))),
      templates: group.filter(isGrantable).map(({ id }) => id),
    }
  })
}

function isGrantable({ effect, slots }: Policy): boolean {
  return effect === 'permit' && slots.includes('principal') && slots.includes('resource')
}

function principalsOf(
  policy: Policy,
  types: ReadonlySet<string>,
  schema: Schema,
): (readonly [type: string, PlannedPrincipal])[] {
  const possible = [...types].filter((type) => couldBe(policy, type))
  if (possible.length === 0) return []
  const reads = readsOf(policy, schema)
  refuseUnreachable(policy, reads)
  return possible.map((type) => [type, readsAbout(reads, type, schema)])
}

/** Whether the scope lets a principal of the type through. */
function couldBe(policy: Policy, type: string): boolean {
  const scope = policy.principal
  if (scope.kind === 'is') return scope.type === type
  return scope.kind !== 'equal' || scope.entity.kind === 'slot' || scope.entity.type === type
}

function readsAbout(reads: Reads, type: string, schema: Schema): PlannedPrincipal {
  const possible = ancestorTypes(schema, type)
  const attributes = reads.principalAttributes
    .filter(({ path: [name] }) => name !== undefined && attributeType(schema, type, name) !== undefined)
    .flatMap(({ path, restrictive }) =>
      fieldsBelow(carriedPath(path, type, schema), type, schema).map((carried) => ({ path: carried, restrictive })),
    )
  const ancestors = reads.principalAncestors.flatMap(({ type: asked, restrictive }) =>
    (asked === ANY_TYPE ? [...possible] : [asked])
      .filter((ancestor) => possible.has(ancestor))
      .map((ancestor) => ({ type: ancestor, restrictive })),
  )
  return { attributes: dropCovered(attributes), ancestors }
}

/** `readsOf` says so of an ancestor that only the request tells. */
const ANY_TYPE = '*'

/** What would be silently false, because neither a token nor a loaded resource holds it. */
function refuseUnreachable(policy: Policy, reads: Reads): void {
  if (reads.principalTags) throw unreachable(policy, 'reads tags of the principal, which no token carries')
  // what nobody loads is in no group and has no attributes: that must not be what allows
  if (reads.restrictiveThroughOtherEntities) {
    const verb = policy.effect === 'forbid' ? 'forbids by' : 'permits by what is not so of'
    throw unreachable(policy, `${verb} an entity behind the principal or the resource, which nobody loads`)
  }
}

/** The part of the path that a token carries: fields of records, as far as the schema has them. */
function carriedPath(path: readonly string[], type: string, schema: Schema): readonly string[] {
  let at: TypeDefinition | undefined = attributeType(schema, type, path[0] ?? '')
  let depth = 1
  while (at?.type === 'Record' && depth < path.length) {
    const name: string = path[depth] ?? ''
    at = Object.hasOwn(at.attributes, name) ? at.attributes[name] : undefined
    // `has` may ask for a field that the record type does not have: nothing to carry for it but the record itself
    if (at !== undefined) depth += 1
  }
  return path.slice(0, depth)
}

/**
 * A record is planned as the fields that it has now: a token that was packed before a field was added to its type does not say
 * that the field is absent, and so does not cover a plan with it.
 */
function fieldsBelow(path: readonly string[], type: string, schema: Schema): readonly (readonly string[])[] {
  let at: TypeDefinition | undefined = attributeType(schema, type, path[0] ?? '')
  for (const name of path.slice(1)) at = at?.type === 'Record' ? at.attributes[name] : undefined
  return leavesOf(path, at)
}

function leavesOf(path: readonly string[], at: TypeDefinition | undefined): readonly (readonly string[])[] {
  const fields = at?.type === 'Record' ? Object.entries(at.attributes) : []
  return fields.length === 0 ? [path] : fields.flatMap(([name, field]) => leavesOf([...path, name], field))
}

/** A path below another one says nothing new, unless it is restrictive and the other is not. */
function dropCovered<T extends { readonly path: readonly string[]; readonly restrictive: boolean }>(paths: T[]): T[] {
  return paths.filter(
    (one) =>
      !paths.some(
        (other) =>
          other.path.length < one.path.length &&
          (other.restrictive || !one.restrictive) &&
          other.path.every((name, index) => name === one.path[index]),
      ),
  )
}

function unreachable(policy: Policy, reason: string): ClaimsError {
  return new ClaimsError('ERR_CLAIMS_PLAN_UNREACHABLE', `policy \`${policy.id}\` ${reason}`, {
    hint: 'make it an attribute of the principal or of the resource',
    member: policy.id,
  })
}
