// The rules that a request for a whole type of resources could meet, in order: what the index rules out is not looked at.

import type { Entry } from '../compile/keyed-index.ts'
import { visitWithin } from '../compile/keyed-index.ts'
import type { Program } from '../compile/program.ts'
import type { Rule } from '../compile/rule.ts'
import type { Entity } from '../entity/entities.ts'
import type { PartialRequest } from './residual.ts'

export function candidateRules(
  { index }: Program,
  { principal, action, resourceType }: Pick<PartialRequest, 'principal' | 'action' | 'resourceType'>,
  principalEntity: Entity | undefined,
): Rule[] {
  const actionIndex = index.byAction.get(action) ?? index.otherActions
  // the principal may be one of the resources, whose groups are not known
  if (principalEntity === undefined && principal.type === resourceType) return [...actionIndex.rules]
  const { entries, templates } = actionIndex.bucket(principal.type, resourceType)
  const found: Entry[] = [...entries, ...templates]
  const add = (more: readonly Entry[]): void => {
    found.push(...more)
  }
  for (const keyed of actionIndex.keyed) {
    add(keyed.principalEqual.entries.get(principal) ?? [])
    visitWithin(keyed.principalIn, principal, principalEntity, add)
    for (const more of keyed.resourceEqual.entries.ofType(resourceType)?.values() ?? []) add(more)
    for (const more of keyed.resourceIn.entries.values()) add(more)
  }
  return found.map(({ rule }) => rule).sort((left, right) => left.hit.order - right.hit.order)
}
