// The rules that a request for a whole type of resources could meet, in order: what the index rules out is not looked at.

import type { Entry } from '../compile/entry.ts'
import { actionIndexOf } from '../compile/program.ts'
import type { Program } from '../compile/program.ts'
import type { Rule } from '../compile/rule.ts'
import { NO_ANCESTORS } from '../entity/ancestors.ts'
import type { Entity } from '../entity/entities.ts'
import type { PartialRequest } from './residual.ts'

export function candidateRules(
  program: Program,
  { principal, action, resourceType, entities }: PartialRequest,
  principalEntity: Entity | undefined,
): Rule[] {
  const actionIndex = actionIndexOf(program, action, entities)
  // the principal may be one of the resources, whose groups are not known
  if (principalEntity === undefined && principal.type === resourceType) return [...actionIndex.rules]
  const { entries, templates } = actionIndex.bucket(principal.type, resourceType)
  const lists: (readonly Entry[])[] = [entries, [...templates.values()]]
  for (const keyed of actionIndex.keyed) {
    lists.push(
      keyed.principalEqual.get(principal) ?? [],
      keyed.principalIn.get(principal) ?? [],
      ...keyed.principalIn.amongAncestors(principalEntity?.ancestors ?? NO_ANCESTORS),
      ...(keyed.resourceEqual.ofType(resourceType)?.values() ?? []),
      ...keyed.resourceIn.values(),
    )
  }
  return lists
    .flat()
    .map(({ rule }) => rule)
    .sort((left, right) => left.order - right.order)
}
