// Whether a token packed by one plan can answer what an action reads. This is where "unknown" is told from "absent".

import { type ClaimsPlan, type PlannedAttribute, plannedPrincipal } from './plan.ts'

/**
 * What is missing, by name; empty when the plan covers the requirement. With `principalType`, only that type is compared.
 * A restrictive read is covered only by a plan that also had it as restrictive: otherwise it may have been left out.
 * Constant for a pair of plans: compute it once, not per request.
 */
export function planCovers(plan: ClaimsPlan, required: ClaimsPlan, principalType?: string): readonly string[] {
  if (plan.digest === required.digest) return []
  const types = principalType === undefined ? Object.keys(required.principals) : [principalType]
  const missing: string[] = []
  for (const type of types) {
    const has = plannedPrincipal(plan, type)
    const needs = plannedPrincipal(required, type)
    for (const attribute of needs.attributes) {
      if (!has.attributes.some((planned) => covers(planned, attribute))) {
        missing.push(`${type}.${attribute.path.join('.')}`)
      }
    }
    for (const ancestor of needs.ancestors) {
      const covered = has.ancestors.some(
        (planned) => planned.type === ancestor.type && (planned.restrictive || !ancestor.restrictive),
      )
      if (!covered) missing.push(`${type} in ${ancestor.type}`)
    }
  }
  for (const template of required.templates) {
    if (!plan.templates.includes(template)) missing.push(`template ${template}`)
  }
  return missing
}

function covers(planned: PlannedAttribute, required: PlannedAttribute): boolean {
  return (
    (planned.restrictive || !required.restrictive) &&
    planned.path.length <= required.path.length &&
    planned.path.every((name, index) => name === required.path[index])
  )
}
