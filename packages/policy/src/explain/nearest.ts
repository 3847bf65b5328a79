// The permit that came nearest to allowing a request: the one with the fewest unmet parts; of several, the one that is easiest to meet.

import { templateEntry } from '../compile/action-index.ts'
import { actionIndexOf } from '../compile/program.ts'
import type { Program } from '../compile/program.ts'
import type { Rule } from '../compile/rule.ts'
import { actionTest, admitsType, entityTest, namedEntity, relationOf } from '../compile/scope.ts'
import type { Side } from '../compile/scope.ts'
import { matchingLinks } from '../decide/match.ts'
import type { Request } from '../decide/request.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import type { Policy } from '../syntax/tree.ts'
import type { EntityUid } from '../value/value.ts'
import { contextNames, evaluateNode, partsOf } from './part.ts'
import type { Part } from './part.ts'

export interface NearMiss {
  readonly policy: Policy
  /** What was not met, in the order in which it is evaluated. */
  readonly unmet: readonly Unmet[]
}

export type Unmet =
  | { readonly kind: 'scope'; readonly side: Side; readonly relation: 'equal' | 'in'; readonly entity: EntityUid }
  | { readonly kind: 'grant'; readonly isExpired: boolean }
  | { readonly kind: 'condition'; readonly part: Part }

/** `undefined` when no permit is for this action and these types. */
export function nearestPermit(program: Program, request: Request, evaluation: Evaluation): NearMiss | undefined {
  const { rules } = actionIndexOf(program, request.action, request.entities)
  let nearest: NearMiss | undefined
  for (const rule of rules) {
    const { policy, effect } = rule
    if (effect !== 'permit' || actionTest(policy.action)?.(evaluation) === false) continue
    if (!admitsType(policy.principal, request.principal.type)) continue
    if (!admitsType(policy.resource, request.resource.type)) continue
    const miss = { policy, unmet: unmetParts(rule, program, request, evaluation) }
    if (miss.unmet.length > 0 && (nearest === undefined || isNearer(miss, nearest))) nearest = miss
  }
  return nearest
}

function isNearer(left: NearMiss, right: NearMiss): boolean {
  const more = left.unmet.length - right.unmet.length
  return more < 0 || (more === 0 && effortOf(left) < effortOf(right))
}

/** How hard it is for people to bring about what is missing first: renew a grant, ask from elsewhere, get a grant, get a role. */
function effortOf({ unmet: [first] }: NearMiss): number {
  if (first === undefined) return 0
  if (first.kind === 'grant') return first.isExpired ? 1 : 3
  if (first.kind === 'scope') return first.side === 'principal' && first.relation === 'in' ? 4 : 5
  return contextNames(first.part.node).length > 0 ? 2 : 5
}

function unmetParts(rule: Rule, program: Program, request: Request, evaluation: Evaluation): Unmet[] {
  const { policy } = rule
  const unmet: Unmet[] = []
  for (const side of ['principal', 'resource'] as const) {
    const entity = namedEntity(policy[side])
    if (entity === undefined || entityTest(policy[side], side)?.(evaluation) !== false) continue
    unmet.push({ kind: 'scope', side, relation: relationOf(policy[side]), entity })
  }
  if (policy.slots.length > 0) {
    const hasLink = (nowSeconds: number | undefined): boolean =>
      matchingLinks(
        program.links,
        { links: request.links, nowSeconds },
        evaluation,
        new Map([[rule.id, templateEntry(rule)]]),
      ).length > 0
    // before all time every link is live
    if (!hasLink(request.nowSeconds)) unmet.push({ kind: 'grant', isExpired: hasLink(Number.NEGATIVE_INFINITY) })
  }
  for (const part of partsOf(policy)) {
    if (evaluateNode(part.node, evaluation) !== part.wanted) unmet.push({ kind: 'condition', part })
  }
  return unmet
}
