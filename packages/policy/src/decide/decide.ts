// Decides a request: every policy that could apply is evaluated, because the answer names all that determined it and all that
// erred.

import type { Entry } from '../compile/entry.ts'
import { actionIndexOf } from '../compile/program.ts'
import type { Program } from '../compile/program.ts'
import type { Shortlist } from '../compile/shortlist.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import { conclude, count, createTally, FAILED } from './decision.ts'
import type { Decision, Tally } from './decision.ts'
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
    const evaluation = beginEvaluation(program, request)
    const { principal, principalEntity, resource } = evaluation
    const index = actionIndexOf(program, request.action, request.entities)
    const shortlist = program.index.shortlists.get(index, principal, principalEntity, resource.type)
    const tally = createTally()
    runAll(shortlist.entries, evaluation, tally)
    if (shortlist.resourceEqual.length + shortlist.resourceIn.length > 0) runByResource(shortlist, evaluation, tally)
    if (shortlist.templates.size > 0) {
      const search = { evaluation, nowSeconds: request.nowSeconds, templates: shortlist.templates }
      countLinks(program.links, search, tally)
      if (request.links !== undefined) countLinks(request.links, search, tally)
    }
    return conclude(tally, program.forbidErrors)
  } catch {
    return FAILED
  }
}

function runAll(entries: readonly Entry[], evaluation: Evaluation, tally: Tally): void {
  for (const entry of entries) {
    const result = entry.run(evaluation)
    if (result !== false) count(tally, entry, result, entry.rule.ids)
  }
}

function runByResource({ resourceEqual, resourceIn }: Shortlist, evaluation: Evaluation, tally: Tally): void {
  const { resource, resourceEntity } = evaluation
  for (const map of resourceEqual) runOptional(map.get(resource), evaluation, tally)
  for (const map of resourceIn) {
    runOptional(map.get(resource), evaluation, tally)
    if (resourceEntity === undefined) continue
    for (const entries of map.amongAncestors(resourceEntity.ancestors)) runAll(entries, evaluation, tally)
  }
}

function runOptional(entries: readonly Entry[] | undefined, evaluation: Evaluation, tally: Tally): void {
  if (entries !== undefined) runAll(entries, evaluation, tally)
}
