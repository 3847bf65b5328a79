// Decides a request: every policy that could apply is evaluated, because the answer names all that determined it and all that
// erred.

import type { Entry, KeyedIndex } from '../compile/keyed-index.ts'
import { actionIndexOf } from '../compile/program.ts'
import type { Program } from '../compile/program.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import { addFault, addHit, conclude, createTally } from './decision.ts'
import type { Decision, Tally } from './decision.ts'
import { matchingLinks } from './match.ts'
import type { Match } from './match.ts'
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
    return decideOrThrow(program, request)
  } catch {
    return FAILED
  }
}

const FAILED: Decision = Object.freeze({
  decision: 'deny',
  reason: 'forbid-error',
  determining: Object.freeze([]),
  errors: Object.freeze([
    Object.freeze({
      policy: '',
      code: 'ERR_POLICY_EVALUATION_INTERNAL',
      message: 'the request could not be evaluated',
      span: Object.freeze({ file: '', start: 0, end: 0 }),
    }),
  ]),
})

function decideOrThrow(program: Program, request: Request): Decision {
  const evaluation = beginEvaluation(program, request)
  const tally = createTally()
  const actionIndex = actionIndexOf(program, request.action, request.entities)
  const { entries, templates } = actionIndex.bucket(request.principal.type, request.resource.type)
  runEntries(entries, evaluation, tally)
  for (const keyed of actionIndex.keyed) runKeyed(keyed, evaluation, tally)
  if (templates.size > 0) {
    for (const match of matchingLinks(program.links, request, evaluation, templates)) run(match, evaluation, tally)
  }
  return conclude(tally, program.forbidErrors)
}

function runEntries(entries: readonly Entry[], evaluation: Evaluation, tally: Tally): void {
  for (const { rule, test } of entries) {
    const result = test === undefined || test(evaluation)
    if (result === false) continue
    if (result === true) addHit(tally, rule, rule.hit.ids)
    else addFault(tally, rule, rule.hit.ids, result)
  }
}

function runKeyed(keyed: KeyedIndex, evaluation: Evaluation, tally: Tally): void {
  const { principal, resource, principalEntity, resourceEntity } = evaluation
  runOptional(keyed.principalEqual.get(principal), evaluation, tally)
  runOptional(keyed.principalIn.get(principal), evaluation, tally)
  runOptional(keyed.resourceEqual.get(resource), evaluation, tally)
  runOptional(keyed.resourceIn.get(resource), evaluation, tally)
  if (principalEntity !== undefined) {
    for (const entries of keyed.principalIn.amongAncestors(principalEntity.ancestors)) {
      runEntries(entries, evaluation, tally)
    }
  }
  if (resourceEntity !== undefined) {
    for (const entries of keyed.resourceIn.amongAncestors(resourceEntity.ancestors)) {
      runEntries(entries, evaluation, tally)
    }
  }
}

function runOptional(entries: readonly Entry[] | undefined, evaluation: Evaluation, tally: Tally): void {
  if (entries !== undefined) runEntries(entries, evaluation, tally)
}

/** A template is evaluated once for all its links. */
function run({ template: { rule, test }, ids }: Match, evaluation: Evaluation, tally: Tally): void {
  const result = test === undefined || test(evaluation)
  if (result === true) addHit(tally, rule, ids)
  else if (result !== false) addFault(tally, rule, ids, result)
}
