// One case against our engine: the parsed policies against Cedar's JSON of them, and each decision, by every evaluator and under both
// rules for an erring `forbid`, with its determining and its erring policies.

import { type Policy, PolicyError } from '@cardea/policy'
import { policyToJson } from '@cardea/policy/json'
import { isDeepStrictEqual } from 'node:util'
import { answer, sameAnswer, showAnswer, underRule } from './answer.ts'
import type { Case, CaseRequest } from './case.ts'
import { answerOf, EVALUATORS, type Evaluator, type Prepared, prepareCase, readRequest } from './engine.ts'
import type { SchemaReader } from './schema.ts'

/** What is checked at once: one request of a case, or the JSON form of its policies. */
export interface Outcome {
  readonly case: string
  /** `request 3` or `json`. */
  readonly unit: string
  readonly failure?: Failure
}

export interface Failure {
  readonly expected: string
  readonly got: string
}

/** One outcome a request, and one more when the case has `est`. Never throws: what breaks fails every unit it breaks. */
export function checkCase(
  item: Case,
  readSchema: SchemaReader,
  evaluators: readonly Evaluator[] = EVALUATORS,
): readonly Outcome[] {
  const units = item.requests.map((_, index) => `request ${index + 1}`)
  try {
    const prepared = prepareCase(item, readSchema, evaluators)
    const decisions = item.requests.map((request, index) =>
      outcome(item, units[index] ?? '', () => checkRequest(prepared, request)),
    )
    return item.est === undefined
      ? decisions
      : [outcome(item, 'json', () => checkJson(prepared.policies, item.est)), ...decisions]
  } catch (error) {
    const failure: Failure = { expected: 'a case that can be set up', got: messageOf(error) }
    const all = item.est === undefined ? units : ['json', ...units]
    return (all.length === 0 ? ['setup'] : all).map((unit) => ({ case: item.id, unit, failure }))
  }
}

function outcome(item: Case, unit: string, check: () => Failure | undefined): Outcome {
  const failure = attempt(check)
  return { case: item.id, unit, ...(failure === undefined ? {} : { failure }) }
}

function attempt(check: () => Failure | undefined): Failure | undefined {
  try {
    return check()
  } catch (error) {
    return { expected: 'an answer', got: messageOf(error) }
  }
}

function checkRequest(prepared: Prepared, question: CaseRequest): Failure | undefined {
  const request = readRequest(prepared, question)
  const cedars = answer(question.decision, question.reason, question.errors)
  // a case without forbids says nothing of the rule for erring ones
  const hasForbids = prepared.policies.some(({ effect }) => effect === 'forbid')
  for (const judge of prepared.judges) {
    if (judge.rule === 'deny' && !hasForbids) continue
    const expected = underRule(judge.rule, cedars, prepared.effectOf)
    const got = answerOf(judge, request)
    if (sameAnswer(got, expected)) continue
    const { evaluator, rule } = judge
    return { expected: showAnswer(expected), got: `${showAnswer(got)} (${evaluator.name}, forbidErrors: ${rule})` }
  }
  return undefined
}

function checkJson(policies: readonly Policy[], est: unknown): Failure | undefined {
  const expected = comparable(estById(policies, est))
  const got = comparable(Object.fromEntries(policies.map((policy) => [policy.id, policyToJson(policy)])))
  return isDeepStrictEqual(got, expected) ? undefined : { expected: JSON.stringify(expected), got: JSON.stringify(got) }
}

/** The JSON of each policy, however the case holds it: the one, a list, or by id. */
function estById(policies: readonly Policy[], est: unknown): unknown {
  if (Array.isArray(est)) return Object.fromEntries(est.map((json: unknown, index) => [`policy${index}`, json]))
  if (typeof est === 'object' && est !== null && 'effect' in est) return { [policies[0]?.id ?? 'policy0']: est }
  return est
}

/** Longs in one form, and an annotation without a value as the empty one, which Cedar takes for equal. */
function comparable(json: unknown): unknown {
  if (typeof json === 'bigint') return { __long: json.toString() }
  if (Array.isArray(json)) return json.map(comparable)
  if (typeof json !== 'object' || json === null) return json === null ? '' : json
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, comparable(value)]))
}

function messageOf(error: unknown): string {
  if (error instanceof PolicyError && error.problems.length > 0) {
    return `${error.code}: ${error.problems.map(({ message }) => message).join('; ')}`
  }
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
