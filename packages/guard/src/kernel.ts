// What all parts of one guard share: its source, its surroundings, and the two things that happen to every refusal - it becomes
// an answer, and it is recorded.

import type { DecisionRecord, DecisionReport } from '@cardea/feed'
import { formatRemedy, type Remedy } from '@cardea/policy/annotation'
import type { VerifiedToken } from '@cardea/token'
import type { Caller } from './auth/caller.ts'
import type { Deciders } from './auth/decider.ts'
import { answerHeaders, type ChallengeFacts, type StepUp } from './challenge.ts'
import { DeniedError, type Refusal, UnauthenticatedError } from './errors.ts'
import type { OperatorLog } from './operator-log.ts'
import { type AnswerCode, type Explanation, problemOf } from './problem.ts'
import type { Reason } from './reason.ts'
import type { DecisionEvent } from './record.ts'
import type { Setting } from './setting.ts'
import type { Source } from './source/source.ts'

export interface Kernel {
  readonly setting: Setting
  readonly source: Source
  readonly operator: OperatorLog
  /** Of the actions that have one. */
  readonly deciders: Deciders | undefined
  /** What every challenge says, but for a step-up. */
  readonly challenge: ChallengeFacts
  /** Extra headers of an answer: a fresh `DPoP-Nonce`. */
  nonceHeader(): Readonly<Record<string, string>>
  onDecision(event: DecisionEvent): void
}

/** A refusal before it has become an answer. */
export interface RefusalFacts {
  readonly reason: Reason
  readonly answer: AnswerCode
  readonly correlation: string
  readonly policies?: readonly string[]
  readonly stepUp?: StepUp
  /** Another remedy as the policy's author wrote it, for an answer that may tell. */
  readonly advice?: string
  readonly explanation?: Explanation | undefined
  readonly cause?: unknown
}

/** Answers about the caller, not about what was asked. */
const ABOUT_THE_CALLER: ReadonlySet<AnswerCode> = new Set<AnswerCode>([
  'invalid_request',
  'no_token',
  'invalid_token',
  'claims_outdated',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'unavailable',
])

/** The error to throw. The same facts give the same bytes, whatever the reason. */
export function refuse(kernel: Kernel, facts: RefusalFacts): DeniedError {
  const { reason, answer, correlation, policies, stepUp, advice, explanation, cause } = facts
  kernel.operator.refusal(facts)
  const challenge = stepUp === undefined ? kernel.challenge : { ...kernel.challenge, stepUp }
  const refusal: Refusal = {
    reason,
    answer,
    correlation,
    problem: problemOf(answer, correlation, { advice, explanation }),
    headers: Object.freeze({
      ...answerHeaders(answer, challenge),
      ...(answer === 'use_dpop_nonce' ? kernel.nonceHeader() : {}),
    }),
    ...(policies === undefined ? {} : { policies }),
    cause,
  }
  return ABOUT_THE_CALLER.has(answer) ? new UnauthenticatedError(refusal) : new DeniedError(refusal)
}

/** The part of a record that depends on the decision. */
export type RecordFacts = Pick<DecisionReport, 'decision' | 'reason' | 'checkpoint' | 'policies' | 'correlation'> &
  Partial<Pick<DecisionEvent, 'action' | 'resource' | 'code' | 'decider' | 'mismatches' | 'breakGlass'>> & {
    readonly remedy?: Remedy
  }

/**
 * Records a decision about a caller, or about nobody where none is known. False: an allow must not be given, as its record cannot be kept.
 * Never throws.
 */
export function record(
  kernel: Kernel,
  { remedy, code, ...facts }: RecordFacts,
  caller?: Caller,
  token: VerifiedToken | undefined = caller?.token,
): boolean {
  const { setting, source } = kernel
  const report: Writable<DecisionReport> = facts
  // one by one, as this runs for every decision
  if (caller !== undefined) report.principal = caller.name
  if (caller?.facts.tenant !== undefined) report.tenant = caller.facts.tenant
  if (token?.claims.jti !== undefined) report.tokenId = token.claims.jti
  if (token?.claims.sid !== undefined) report.sid = token.claims.sid
  if (caller?.edition.revision !== undefined) report.revision = caller.edition.revision
  if (remedy !== undefined) report.remedy = nameOf(remedy)
  const logFault = (error: unknown): void =>
    setting.log.error('a decision could not be recorded', { correlation: facts.correlation, error: String(error) })
  let recorded: DecisionRecord | undefined
  try {
    recorded = source.record(report)
  } catch (error) {
    logFault(error)
  }
  if (recorded === undefined) return false
  try {
    kernel.onDecision(code === undefined ? recorded : { ...recorded, code })
  } catch (error) {
    logFault(error)
  }
  return true
}

/** Its name alone: `step_up`, `request_grant`, `network`. */
function nameOf(remedy: Remedy): string {
  return formatRemedy(remedy).split(':', 1).join()
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }
