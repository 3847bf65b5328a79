// Decides a request: every policy that could apply is evaluated, because the answer names all that determined it and all that
// erred.

import { runAll } from '../compile/bucket.ts'
import type { Entry } from '../compile/entry.ts'
import { shortlistOf } from '../compile/program.ts'
import type { Program } from '../compile/program.ts'
import { createTally } from '../compile/tally.ts'
import type { Tally } from '../compile/tally.ts'
import type { UidMap } from '../entity/uid-map.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import { countCandidates } from './candidates.ts'
import { conclude, FAILED } from './decision.ts'
import type { Decision } from './decision.ts'
import { countLinks } from './match.ts'
import { beginEvaluation } from './request.ts'
import type { Request } from './request.ts'

/**
 * The decision on a request. Never throws: whatever is wrong with the request or with the `entities` given is a deny, with the
 * reason `forbid-error` and the code `ERR_POLICY_EVALUATION_INTERNAL`.
 * Does not check the request against the schema (`checkRequest`, `checkEntity`).
 * Cost: the policies of the action for the two types, and those that name the principal, the resource or an ancestor.
 */
export function decide(program: Program, request: Request): Decision {
  try {
    return conclude(tallyOf(program, request), program.forbidErrors)
  } catch {
    return FAILED
  }
}

function tallyOf(program: Program, request: Request): Tally {
  const evaluation = beginEvaluation(program, request)
  const shortlist = shortlistOf(program, evaluation)
  const { bucket, callers, keyed } = shortlist
  const { links, nowSeconds } = request
  const tally = createTally()
  bucket.run(evaluation, tally)
  if (callers.always.length > 0) runAll(callers.always, evaluation, tally)
  for (const { resourceEqual, resourceIn } of keyed) runByResource(resourceEqual, resourceIn, evaluation, tally)
  const candidates = links === undefined ? undefined : shortlist.byResource(links, evaluation.principalEntity)
  if (candidates === undefined) runByResource(callers.resourceEqual, callers.resourceIn, evaluation, tally)
  else countCandidates(candidates, evaluation, nowSeconds, tally)
  const { templates } = bucket
  if (templates.size === 0) return tally
  if (links !== undefined && (candidates === undefined || links.byPrincipal.size > 0)) {
    countLinks(links, candidates !== undefined, { evaluation, nowSeconds, templates }, tally)
  }
  if (program.links.all.length > 0) countLinks(program.links, false, { evaluation, nowSeconds, templates }, tally)
  return tally
}

function runByResource(
  equal: UidMap<readonly Entry[]>,
  within: UidMap<readonly Entry[]>,
  evaluation: Evaluation,
  tally: Tally,
): void {
  const { resource, resourceEntity } = evaluation
  if (equal.size > 0) {
    const own = equal.get(resource)
    if (own !== undefined) runAll(own, evaluation, tally)
  }
  if (within.size === 0) return
  const own = within.get(resource)
  if (own !== undefined) runAll(own, evaluation, tally)
  if (resourceEntity === undefined) return
  for (const entries of within.amongAncestors(resourceEntity.ancestors)) runAll(entries, evaluation, tally)
}
