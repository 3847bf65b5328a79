// The claims plan: what the policies of an audience read of a principal, and which templates can be granted. A token is
// packed by a plan and names its digest, so that a guard can tell "absent" from "was never asked for".

import { createHash } from 'node:crypto'

/** Plain JSON; travels in the bundle. Everything is sorted, so that equal plans have equal digests. */
export interface ClaimsPlan {
  /** 22 base64url characters of a SHA-256 over the rest: 132 bits. */
  readonly digest: string
  readonly principals: { readonly [type: string]: PlannedPrincipal }
  /** Ids of the `permit` templates that can be granted. */
  readonly templates: readonly string[]
}

/** What of one principal type goes into the token. */
export interface PlannedPrincipal {
  readonly attributes: readonly PlannedAttribute[]
  readonly ancestors: readonly PlannedAncestor[]
}

/** `restrictive`: a `forbid`, an `unless` or a negation reads it, so absence would open; it is never left out. */
export interface PlannedAttribute {
  /** Field names from the attribute down into records; a shorter path covers all that is below. */
  readonly path: readonly string[]
  readonly restrictive: boolean
}

export interface PlannedAncestor {
  /** The entity type of the ancestors. */
  readonly type: string
  readonly restrictive: boolean
}

/** The parts of a plan in any order and with repetitions. */
export interface PlanParts {
  readonly principals: Iterable<readonly [type: string, PlannedPrincipal]>
  readonly templates: Iterable<string>
}

/** Sorts, merges repetitions (restrictive wins) and computes the digest. */
export function planOf(parts: PlanParts): ClaimsPlan {
  const content = {
    principals: Object.fromEntries([...mergePrincipals(parts.principals)].sort(byKey)),
    templates: [...new Set(parts.templates)].sort(),
  }
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22)
  return { digest, ...content }
}

/** Each type once, sorted inside, with repetitions merged: restrictive wins. Merging in parts first gives the same. */
export function mergePrincipals(parts: PlanParts['principals']): Map<string, PlannedPrincipal> {
  const byType = new Map<string, { attributes: PlannedAttribute[]; ancestors: PlannedAncestor[] }>()
  for (const [type, { attributes, ancestors }] of parts) {
    const into = byType.get(type) ?? { attributes: [], ancestors: [] }
    into.attributes.push(...attributes)
    into.ancestors.push(...ancestors)
    byType.set(type, into)
  }
  return new Map(
    [...byType].map(([type, { attributes, ancestors }]) => [
      type,
      {
        attributes: mergeBy(attributes, ({ path }) => JSON.stringify(path)),
        ancestors: mergeBy(ancestors, (ancestor) => ancestor.type),
      },
    ]),
  )
}

/** Everything that either plan has: what tokens are packed with while the next bundle is staged. */
export function unionPlans(left: ClaimsPlan, right: ClaimsPlan): ClaimsPlan {
  return planOf({
    principals: [...Object.entries(left.principals), ...Object.entries(right.principals)],
    templates: [...left.templates, ...right.templates],
  })
}

/** The planned parts of a principal type; a type that no policy reads has none. */
export function plannedPrincipal(plan: ClaimsPlan, type: string): PlannedPrincipal {
  return (Object.hasOwn(plan.principals, type) ? plan.principals[type] : undefined) ?? NOTHING
}

const NOTHING: PlannedPrincipal = { attributes: [], ancestors: [] }

function mergeBy<T extends { readonly restrictive: boolean }>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const merged = new Map<string, T>()
  for (const item of items) {
    const key = keyOf(item)
    if (merged.get(key)?.restrictive !== true) merged.set(key, item)
  }
  return [...merged].sort(byKey).map(([, item]) => item)
}

function byKey(left: readonly [string, unknown], right: readonly [string, unknown]): number {
  return left[0] < right[0] ? -1 : 1
}
