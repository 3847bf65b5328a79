// Checkpoint two with whoever decides besides the policies: what both say, and whether the caller may know that the resource exists. Each
// question can be asked at once, and with the time that a decider takes; for an action without a decider both are the policies alone.
// INVARIANT: with `together` it is denied if either denies; what must be known at once and is not, is a deny.

import type { Decision, Entity, Request, Value } from '@cardea/policy'
import type { ActionRule } from '../edition/action-rule.ts'
import type { AnswerCode } from '../problem.ts'
import type { Schedule } from '../clock.ts'
import { answersLater, type Appointed, askLater, askNow, failed } from './decider.ts'
import {
  type Allowance,
  type Asking,
  canBeAsked,
  type Denial,
  invalidEntity,
  isPermitted,
  type Judgement,
  missingClaims,
  requestOf,
  type Unanswered,
  weigh,
} from './judge.ts'
import { mismatchLapse } from './mismatch.ts'
import { contextFor } from './request-context.ts'

type Said = ReadonlyMap<string, Value>

/** Decides on an entity at once. `said` is the handler's part of the context. */
export function judge(asking: Asking, rule: ActionRule, entity: Entity, said: Said): Judgement {
  const appointed = asking.deciders?.get(rule.name)
  const result =
    appointed === undefined ? weigh(asking, rule, entity, said) : weighNow(appointed, asking, rule, entity, said)
  if (result === 'later') return misused(rule)
  if (result.decision === 'allow') return result
  return answered(result, result.problems === undefined && isRevealed(asking, entity, rule))
}

/** The same with the time that deciders take. Never rejects. */
export async function judgeLater(
  asking: Asking,
  rule: ActionRule,
  entity: Entity,
  said: Said,
  schedule: Schedule,
): Promise<Judgement> {
  const appointed = asking.deciders?.get(rule.name)
  const result =
    appointed === undefined
      ? weigh(asking, rule, entity, said)
      : await weighLater(appointed, asking, rule, entity, said, schedule)
  if (result.decision === 'allow') return result
  const isKnown = result.problems === undefined && (await isRevealedLater(asking, entity, schedule, rule))
  return answered(result, isKnown)
}

/** Whether the action is allowed on the entity, and nothing more; or `later`, when only its decider knows and takes its time. */
export function isAllowed(asking: Asking, rule: ActionRule, entity: Entity, said: Said): boolean | 'later' {
  const appointed = asking.deciders?.get(rule.name)
  if (appointed === undefined) return isPermitted(asking, rule, entity, said)
  const request = questionFor(appointed, asking, rule, entity, said)
  if (request === undefined) return false
  const other = askNow(appointed, request)
  return other === 'later' ? 'later' : other.decision === 'allow'
}

/** The same with the time that a decider takes. Never rejects. */
export async function isAllowedLater(
  asking: Asking,
  rule: ActionRule,
  entity: Entity,
  said: Said,
  schedule: Schedule,
): Promise<boolean> {
  const appointed = asking.deciders?.get(rule.name)
  if (appointed === undefined) return isPermitted(asking, rule, entity, said)
  const request = questionFor(appointed, asking, rule, entity, said)
  return request !== undefined && (await askUnrevoked(appointed, asking, request, schedule)).decision === 'allow'
}

function weighNow(
  appointed: Appointed,
  asking: Asking,
  rule: ActionRule,
  entity: Entity,
  said: Said,
): Allowance | Unanswered | 'later' {
  const request = askable(asking, rule, entity, said)
  if ('decision' in request) return request
  const other = askNow(appointed, request)
  return other === 'later' ? other : join(appointed, cedarOf(appointed, asking, rule, entity, said), other)
}

/** Both, the decider first: the policies are asked with what is known when it has answered. */
async function weighLater(
  appointed: Appointed,
  asking: Asking,
  rule: ActionRule,
  entity: Entity,
  said: Said,
  schedule: Schedule,
): Promise<Allowance | Unanswered> {
  const request = askable(asking, rule, entity, said)
  if ('decision' in request) return request
  const other = await askUnrevoked(appointed, asking, request, schedule)
  return join(appointed, cedarOf(appointed, asking, rule, entity, said), other)
}

/** An answer that was made with a grant which is revoked by now is none. */
async function askUnrevoked(
  appointed: Appointed,
  { caller, source }: Asking,
  request: Request,
  schedule: Schedule,
): Promise<Decision> {
  const other = await askLater(appointed, request, schedule)
  const isStill = caller.links(source).all.length === request.links?.all.length
  return isStill ? other : failed('ERR_GUARD_DECIDER')
}

function cedarOf(
  { mode }: Appointed,
  asking: Asking,
  rule: ActionRule,
  entity: Entity,
  said: Said,
): Allowance | Unanswered | undefined {
  return mode === 'alone' ? undefined : weigh(asking, rule, entity, said)
}

/** The question, or the deny of one that cannot be asked: whatever decides, the entity, the facts and who asks fit the schema. */
function askable(asking: Asking, rule: ActionRule, entity: Entity, said: Said): Request | Unanswered {
  const invalid = invalidEntity(asking, entity)
  if (invalid !== undefined) return invalid
  const { context, isIncomplete } = contextFor(rule, asking.facts, said)
  if (isIncomplete) return { decision: 'deny', reason: 'context_missing', policies: [] }
  const { principal } = asking.caller.facts
  if (!rule.definition.principals.includes(principal.type)) {
    return { decision: 'deny', reason: 'no_permit', policies: [] }
  }
  return requestOf(asking, rule, entity, context)
}

/** The same for a yes or no, with the policies asked first: `undefined` is no. */
function questionFor(
  { mode }: Appointed,
  asking: Asking,
  rule: ActionRule,
  entity: Entity,
  said: Said,
): Request | undefined {
  if (mode === 'together' && !isPermitted(asking, rule, entity, said)) return undefined
  if (mismatchLapse(asking.facts.mismatches, rule) !== undefined) return undefined
  const request = askable(asking, rule, entity, said)
  return 'decision' in request ? undefined : request
}

/** One result of what the policies say, where they are asked, and what the decider says. */
function join({ mode }: Appointed, cedar: Allowance | Unanswered | undefined, other: Decision): Allowance | Unanswered {
  const [fault] = other.errors
  const code = other.decision === 'deny' && fault !== undefined ? fault.code.slice(0, MAX_CODE) : undefined
  const decider = [mode, other.decision, other.reason, ...(code === undefined ? [] : [code])].join(' ')
  if (cedar?.decision === 'deny') return { ...cedar, policies: both(cedar.policies, other), decider }
  if (other.decision === 'allow') {
    return { decision: 'allow', reason: 'permit', policies: both(cedar?.policies ?? [], other), decider }
  }
  const reason = other.reason === 'forbid-error' ? 'decider_failed' : 'decider_denied'
  const denial: Unanswered = { decision: 'deny', reason, policies: other.determining, decider }
  return code === undefined ? denial : { ...denial, code }
}

const MAX_CODE = 100

function both(policies: readonly string[], { determining }: Decision): readonly string[] {
  return [...policies, ...determining]
}

/** What may be told of a deny: nothing, unless the caller may know that there is something. */
function answered(denial: Unanswered, isKnown: boolean): Denial {
  if (!isKnown) return { ...denial, answer: 'not_found' }
  const answer: AnswerCode = denial.remedy?.kind === 'step-up' ? 'step_up' : 'forbidden'
  return { ...denial, answer }
}

function misused({ name }: ActionRule): Denial {
  const misuse = answersLater(name)
  const { code } = misuse
  return { decision: 'deny', reason: 'decider_failed', answer: 'internal', policies: [], code, misuse }
}

const NOTHING_SAID: Said = new Map<string, Value>()

/**
 * Whether some action that reveals existence is allowed on the entity. An action that needs a handler's word cannot be asked, nor a decider
 * that has just denied the same question.
 */
function isRevealed(asking: Asking, entity: Entity, denied: ActionRule): boolean {
  return revealing(asking, entity, denied).some((rule) => isAllowed(asking, rule, entity, NOTHING_SAID) === true)
}

async function isRevealedLater(
  asking: Asking,
  entity: Entity,
  schedule: Schedule,
  denied: ActionRule,
): Promise<boolean> {
  for (const rule of revealing(asking, entity, denied)) {
    if (await isAllowedLater(asking, rule, entity, NOTHING_SAID, schedule)) return true
  }
  return false
}

function revealing(asking: Asking, entity: Entity, denied: ActionRule): readonly ActionRule[] {
  const rules = asking.caller.edition.revealing.get(entity.uid.type) ?? []
  return rules.filter(
    (rule) =>
      canBeAsked(rule) &&
      missingClaims(asking, rule).length === 0 &&
      (rule !== denied || asking.deciders?.has(rule.name) !== true),
  )
}
