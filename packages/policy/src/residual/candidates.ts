// The rules that a partial request could meet, in order: what the index rules out is not looked at.

import type { Entry } from '../compile/entry.ts'
import { actionIndexOf } from '../compile/program.ts'
import type { Program } from '../compile/program.ts'
import type { Rule } from '../compile/rule.ts'
import { admitsType } from '../compile/scope.ts'
import { NO_ANCESTORS } from '../entity/ancestors.ts'
import type { Entity } from '../entity/entities.ts'
import { isUnknown } from './request.ts'
import type { PartialRequest } from './request.ts'

export function candidateRules(
  program: Program,
  { principal, action, resource, entities }: PartialRequest,
  principalEntity: Entity | undefined,
): readonly Rule[] {
  const { index } = program
  const actionIndex = isUnknown(action) ? index.anyAction : actionIndexOf(program, action, entities)
  // a principal without entity may be the resource, whose groups are not known
  const isSeen = principalEntity !== undefined || principal.type !== resource.type
  if (isUnknown(principal) || isUnknown(action) || resource.type === undefined || !isSeen) {
    return actionIndex.rules.filter(
      ({ policy }) => mayBe(policy.principal, principal.type) && mayBe(policy.resource, resource.type),
    )
  }
  const { entries, templates } = actionIndex.bucket(principal.type, resource.type)
  const lists: (readonly Entry[])[] = [entries, [...templates.values()]]
  for (const keyed of actionIndex.keyed) {
    lists.push(
      keyed.principalEqual.get(principal) ?? [],
      keyed.principalIn.get(principal) ?? [],
      ...keyed.principalIn.amongAncestors(principalEntity?.ancestors ?? NO_ANCESTORS),
      ...keyed.resourceEqual.ofType(resource.type),
      ...keyed.resourceIn.values(),
    )
  }
  return lists
    .flat()
    .map(({ rule }) => rule)
    .sort((left, right) => left.order - right.order)
}

function mayBe(scope: Parameters<typeof admitsType>[0], type: string | undefined): boolean {
  return type === undefined || admitsType(scope, type)
}
