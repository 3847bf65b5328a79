// Checkpoint two: what the policies say of a loaded resource, and what would change a deny. Pure: it records nothing and throws
// nothing. What a decider says besides, and whether the caller may know that the resource exists, is in consult.ts.

import {
  allowedActions,
  checkEntity,
  decide,
  type Decision,
  type Entity,
  type EntityUid,
  type Problem,
  type Request,
  type Value,
} from '@cardea/policy'
import type { Remedy, StepUpRemedy } from '@cardea/policy/annotation'
import { adviceFor, chooseRemedy, followRemedy, signInFacts } from '@cardea/policy/explain'
import type { ActionRule } from '../edition/action-rule.ts'
import type { GuardError } from '../errors.ts'
import type { AnswerCode } from '../problem.ts'
import type { Reason } from '../reason.ts'
import type { Source } from '../source/source.ts'
import type { Caller } from './caller.ts'
import type { Deciders } from './decider.ts'
import { mismatchLapse } from './mismatch.ts'
import { contextFor, handlerContext, type RequestFacts } from './request-context.ts'

/** Who asks, now. */
export interface Asking {
  readonly caller: Caller
  readonly facts: RequestFacts
  readonly nowSeconds: number
  readonly source: Source
  readonly deciders: Deciders | undefined
}

export type Judgement = Allowance | Denial

export interface Allowance {
  readonly decision: 'allow'
  readonly reason: 'permit'
  readonly policies: readonly string[]
  /** What the action's decider said, for records. */
  readonly decider?: string
}

/** A deny before it is known what may be told of it. */
export interface Unanswered {
  readonly decision: 'deny'
  readonly reason: Reason
  readonly policies: readonly string[]
  readonly remedy?: Remedy
  readonly decider?: string
  /** Of what kept the decider from answering. */
  readonly code?: string
  /** For explanations: what was asked and what came out. */
  readonly request?: Request
  readonly verdict?: Decision
  readonly problems?: readonly Problem[]
}

export type Denial = Unanswered & {
  readonly answer: AnswerCode
  /** Nobody was denied, it was asked wrongly: thrown in the place of the deny. */
  readonly misuse?: GuardError
}

const REASON_OF: { readonly [R in Decision['reason']]: Reason | 'permit' } = {
  permit: 'permit',
  forbid: 'forbid',
  'forbid-error': 'forbid_error',
  'no-permit': 'no_permit',
}

/** What the policies say of an entity. `said` is the handler's part of the context. */
export function weigh(
  asking: Asking,
  rule: ActionRule,
  entity: Entity,
  said: ReadonlyMap<string, Value>,
): Allowance | Unanswered {
  const { edition } = asking.caller
  const invalid = invalidEntity(asking, entity)
  if (invalid !== undefined) return invalid
  const { context, isIncomplete } = contextFor(rule, asking.facts, said)
  const request = requestOf(asking, rule, entity, context)
  const verdict = decide(edition.program, request)
  if (verdict.decision === 'allow' && !isIncomplete) {
    return { decision: 'allow', reason: 'permit', policies: verdict.determining }
  }
  const reason = isIncomplete ? 'context_missing' : denyReason(verdict)
  const policies = verdict.decision === 'deny' ? verdict.determining : []
  const denial = { decision: 'deny', reason, policies, request, verdict } as const
  const advice = adviceFor(edition.program, request, verdict, edition.advice)
  const remedy = chooseRemedy(advice, (one) => isAllowedAfter(one, asking, rule, entity, said))
  return remedy === undefined ? denial : { ...denial, remedy }
}

/** The deny of an entity that does not fit the schema. */
export function invalidEntity({ caller }: Asking, entity: Entity): Unanswered | undefined {
  const problems = checkEntity(caller.edition.schema, entity)
  return problems.length === 0 ? undefined : { decision: 'deny', reason: 'invalid_entity', policies: [], problems }
}

/** Whether the policies allow the action on the entity, and nothing more. */
export function isPermitted(
  asking: Asking,
  rule: ActionRule,
  entity: Entity,
  said: ReadonlyMap<string, Value>,
  facts: RequestFacts = asking.facts,
): boolean {
  // of the actions that are asked for the sake of another one as well: `@reveal`, advice
  if (mismatchLapse(facts.mismatches, rule) !== undefined) return false
  const { context, isIncomplete } = contextFor(rule, facts, said)
  if (isIncomplete) return false
  return decide(asking.caller.edition.program, requestOf(asking, rule, entity, context)).decision === 'allow'
}

/** Those of the actions that are allowed on the entity without a word of the handler, in one pass. */
export function allowedOf(asking: Asking, rules: readonly ActionRule[], entity: Entity): ActionRule[] {
  const asked = new Map<EntityUid, { rule: ActionRule; context: ReadonlyMap<string, Value> }>()
  for (const rule of rules) {
    const { context, isIncomplete } = contextFor(rule, asking.facts, handlerContext(rule, undefined))
    if (!isIncomplete) asked.set(rule.uid, { rule, context })
  }
  const [first] = asked.values()
  if (first === undefined) return []
  const allowed = allowedActions(asking.caller.edition.program, {
    ...requestOf(asking, first.rule, entity, first.context),
    actions: asking.caller.actionList(entity.uid.type, [...asked.keys()]),
    contextOf: (action) => asked.get(action)?.context ?? first.context,
  })
  return allowed.flatMap((action) => asked.get(action)?.rule ?? [])
}

/** Names of what the policies of the action read and the token does not have. */
export function missingClaims({ caller }: Asking, rule: ActionRule): readonly string[] {
  return caller.missingClaims(rule)
}

export function denyReason({ reason }: Pick<Decision, 'reason'>): Reason {
  const named = REASON_OF[reason]
  return named === 'permit' ? 'no_permit' : named
}

/** What a caller is asked as: the same objects in every question of one token, but for the time. */
export function askedAs({
  caller,
  nowSeconds,
  source,
}: Asking): Pick<Request, 'principal' | 'principalEntity' | 'entities' | 'links' | 'nowSeconds'> {
  const { principal, principalEntity, entities } = caller.facts
  return { principal, principalEntity, entities, links: caller.links(source), nowSeconds }
}

export function requestOf(
  asking: Asking,
  rule: ActionRule,
  entity: Entity,
  context: ReadonlyMap<string, Value>,
): Request {
  return { ...askedAs(asking), action: rule.uid, resource: entity.uid, resourceEntity: entity, context }
}

/** Whether the action can be decided without a word of the handler. */
export function canBeAsked(rule: ActionRule): boolean {
  return Object.values(rule.handlerContext).every(({ optional }) => optional === true)
}

/** Whether the action would be allowed with the remedy followed. Says whether to offer it, and never that anything is allowed. */
function isAllowedAfter(
  remedy: Remedy,
  asking: Asking,
  rule: ActionRule,
  entity: Entity,
  said: ReadonlyMap<string, Value>,
): boolean {
  if (remedy.kind === 'step-up') return isPermitted(asking, rule, entity, said, afterStepUp(asking, remedy))
  const { context, isIncomplete } = contextFor(rule, asking.facts, said)
  const { program } = asking.caller.edition
  const followed = followRemedy(program, requestOf(asking, rule, entity, context), remedy)
  return !isIncomplete && followed !== undefined && decide(program, followed).decision === 'allow'
}

/** The facts as they would be after the sign-in that is asked for. Used to see whether it would help, never to allow. */
export function afterStepUp(
  { facts, nowSeconds }: Pick<Asking, 'facts' | 'nowSeconds'>,
  remedy: StepUpRemedy,
): RequestFacts {
  const after = signInFacts(remedy, nowSeconds)
  return {
    mismatches: facts.mismatches,
    get: (name) => (name === 'acr' || name === 'authTime' ? after.get(name) : undefined) ?? facts.get(name),
  }
}
