// What names the resource, for a caller who was seen before: policies and grants in one map.

import { counts } from '../compile/links.ts'
import type { Candidate } from '../compile/shortlist.ts'
import { count } from '../compile/tally.ts'
import type { Tally } from '../compile/tally.ts'
import type { UidMap } from '../entity/uid-map.ts'
import type { Evaluation } from '../operator/evaluation.ts'

/** Counts those that concern the resource and hold or err. */
export function countCandidates(
  candidates: UidMap<Candidate[]>,
  evaluation: Evaluation,
  nowSeconds: number | undefined,
  tally: Tally,
): void {
  if (candidates.size === 0) return
  const { resource, resourceEntity } = evaluation
  const own = candidates.get(resource)
  if (own !== undefined) countAll(own, true, evaluation, nowSeconds, tally)
  if (resourceEntity === undefined) return
  const { ancestors } = resourceEntity
  if (ancestors.size > candidates.size) {
    for (const inherited of candidates.amongAncestors(ancestors)) {
      countAll(inherited, false, evaluation, nowSeconds, tally)
    }
    return
  }
  for (const uid of ancestors.uids) {
    const inherited = candidates.get(uid)
    if (inherited !== undefined) countAll(inherited, false, evaluation, nowSeconds, tally)
  }
}

/** `isSame` tells those that name the resource itself from those that name an ancestor. */
function countAll(
  candidates: readonly Candidate[],
  isSame: boolean,
  evaluation: Evaluation,
  nowSeconds: number | undefined,
  tally: Tally,
): void {
  for (const { entry, hit, isExact, link } of candidates) {
    if (isExact && !isSame) continue
    if (link?.untilSeconds !== undefined && !counts(link, entry.rule.effect, nowSeconds)) continue
    const result = entry.run(evaluation)
    if (result !== false) count(tally, hit, result)
  }
}
