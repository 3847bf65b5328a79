// Decides a request: every policy that could apply is evaluated, because the answer names all that determined it and all that
// erred.

import type { Bucket, TemplateEntry } from '../compile/action-index.ts'
import { visitWithin } from '../compile/keyed-index.ts'
import type { Entry, KeyedIndex } from '../compile/keyed-index.ts'
import type { Program } from '../compile/program.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import { addFault, addHit, conclude, createTally } from './decision.ts'
import type { Decision, Tally } from './decision.ts'
import { matchingLinks } from './match.ts'
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
  const { index } = program
  const evaluation = beginEvaluation(program, request)
  const tally = createTally()
  const actionIndex = index.byAction.get(request.action) ?? index.otherActions
  const bucket: Bucket = actionIndex.bucket(request.principal.type, request.resource.type)
  runEntries(bucket.entries, evaluation, tally)
  for (const keyed of actionIndex.keyed) runKeyed(keyed, evaluation, tally)
  for (const template of bucket.templates) runTemplate(template, program, request, evaluation, tally)
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
  const run = (entries: readonly Entry[]): void => runEntries(entries, evaluation, tally)
  const { principal, resource, principalEntity, resourceEntity } = evaluation
  const equalPrincipal = keyed.principalEqual.entries.get(principal)
  if (equalPrincipal !== undefined) run(equalPrincipal)
  visitWithin(keyed.principalIn, principal, principalEntity, run)
  const equalResource = keyed.resourceEqual.entries.get(resource)
  if (equalResource !== undefined) run(equalResource)
  visitWithin(keyed.resourceIn, resource, resourceEntity, run)
}

/** A template is evaluated once for all its links. */
function runTemplate(
  template: TemplateEntry,
  program: Program,
  request: Request,
  evaluation: Evaluation,
  tally: Tally,
): void {
  const ids = matchingLinks(template, program.links, request, evaluation)
  if (ids === undefined) return
  const { rule, test } = template
  const result = test === undefined || test(evaluation)
  if (result === false) return
  if (result === true) addHit(tally, rule, ids)
  else addFault(tally, rule, ids, result)
}
