// The comparison of all judges over scenarios: cedar-wasm, and every evaluator of ours under both rules for an erring `forbid`.

import type { ForbidErrors } from '@cardea/policy'
import { type Answer, sameAnswer, showAnswer, underRule } from '../answer.ts'
import type { Case } from '../case.ts'
import { answerOf, EVALUATORS, type Evaluator, type Prepared, prepareCase, readRequest } from '../engine.ts'
import { createSchemaReader } from '../schema.ts'
import { type CedarJudge, createCedarJudge } from './cedar-judge.ts'
import { questionsOf, type Scenario } from './scenario.ts'
import { shrink } from './shrink.ts'

export interface Disagreement {
  readonly scenario: Scenario
  /** Which judge, about what, and what the others said. */
  readonly text: string
}

export interface Tally {
  scenarios: number
  /** Requests decided by every judge, under both rules. */
  decisions: number
  allowed: number
  forbidden: number
  /** Decisions in which some policy erred. */
  erring: number
  /** Of these, decisions that the rule for erring forbids changes. */
  changed: number
  /** Scenarios that Cedar and we refuse to set up: a fault of the generator, if there are many. */
  refused: number
}

export interface Fuzzer {
  readonly tally: Tally
  readonly crashes: number
  /** Runs one scenario by all judges; answers the first disagreement. */
  compare(scenario: Scenario): Disagreement | undefined
  /** The smallest scenario found that still shows a disagreement. */
  shrink(disagreement: Disagreement): Disagreement
  /** The scenario with Cedar's answers, for a case file; nothing when Cedar refuses it. */
  answered(scenario: Scenario): Case | undefined
}

/** Any evaluators may be compared, also deliberately wrong ones. */
export function createFuzzer(
  evaluators: readonly Evaluator[] = EVALUATORS,
  cedar: CedarJudge = createCedarJudge(),
): Fuzzer {
  const readSchema = createSchemaReader()
  const tally = emptyTally()

  return {
    tally,
    get crashes() {
      return cedar.crashes
    },
    compare,
    shrink({ scenario }) {
      const smallest = shrink(scenario, (candidate) => compare(candidate) !== undefined)
      return compare(smallest) ?? { scenario, text: 'the disagreement does not come again' }
    },
    answered(scenario) {
      const verdict = cedar.judge(scenario)
      if ('refused' in verdict) return undefined
      const requests = scenario.requests.map((request, index) => ({ ...request, ...(verdict.answers[index] ?? NONE) }))
      return { ...questionsOf(scenario), requests }
    },
  }

  function compare(scenario: Scenario): Disagreement | undefined {
    tally.scenarios += 1
    const verdict = cedar.judge(scenario)
    const ours = attempt(() => prepare(scenario))
    if ('refused' in verdict) {
      tally.refused += 1
      return ours instanceof Error ? undefined : { scenario, text: `only Cedar refuses it: ${verdict.refused}` }
    }
    if (ours instanceof Error) return { scenario, text: `only we refuse it: ${ours.message}` }
    for (const [index, cedars] of verdict.answers.entries()) {
      const text = compareRequest(ours, scenario, index, cedars)
      if (text !== undefined) return { scenario, text: `request ${index + 1}: ${text}` }
    }
    return undefined
  }

  function prepare(scenario: Scenario): Prepared {
    const prepared = prepareCase(questionsOf(scenario), readSchema, evaluators)
    for (const { program } of prepared.judges) program()
    return prepared
  }

  function compareRequest(prepared: Prepared, scenario: Scenario, index: number, cedars: Answer): string | undefined {
    const question = scenario.requests[index]
    if (question === undefined) return 'Cedar answers what nobody asked'
    const request = readRequest(prepared, question)
    const expected: { readonly [R in ForbidErrors]: Answer } = {
      skip: cedars,
      deny: underRule('deny', cedars, prepared.effectOf),
    }
    count(cedars, expected.deny)
    for (const judge of prepared.judges) {
      const got = answerOf(judge, request)
      if (sameAnswer(got, expected[judge.rule])) continue
      return `${judge.evaluator.name} (forbidErrors: ${judge.rule}) say ${showAnswer(got)}; Cedar says ${showAnswer(expected[judge.rule])}`
    }
    return undefined
  }

  function count(cedars: Answer, underDeny: Answer): void {
    tally.decisions += 1
    if (cedars.decision === 'allow') tally.allowed += 1
    else if (cedars.reason.length > 0) tally.forbidden += 1
    if (cedars.errors.length > 0) tally.erring += 1
    if (underDeny !== cedars) tally.changed += 1
  }
}

export function emptyTally(): Tally {
  return { scenarios: 0, decisions: 0, allowed: 0, forbidden: 0, erring: 0, changed: 0, refused: 0 }
}

const NONE: Answer = { decision: 'deny', reason: [], errors: [] }

function attempt<T>(action: () => T): T | Error {
  try {
    return action()
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
