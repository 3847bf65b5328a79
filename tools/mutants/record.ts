// What the quick suite compares with: the tables, and Cedar's answers to scenarios of a fixed seed.

import { fileURLToPath } from 'node:url'
import { type Case, loadCases } from '../../conformance/case.ts'
import { createFuzzer } from '../../conformance/fuzz/fuzzer.ts'
import { makeScenario } from '../../conformance/fuzz/scenario.ts'
import type { Recorded } from './suite/check.ts'

const SEED = 4_052_026
const SCENARIOS = 160
/** Of a table with every operator on every pair of values, every so many conditions; of all others every one. */
const STRIDE = 7
const LARGE = 1000

export async function record(): Promise<Recorded> {
  const fuzzer = createFuzzer([])
  const scenarios = Array.from({ length: SCENARIOS }, (_, number) =>
    makeScenario(SEED, number, number % 2 === 0 ? 'probes' : undefined),
  )
  const path = (name: string): string => fileURLToPath(new URL(`../../conformance/cedar/${name}`, import.meta.url))
  return {
    scenarios: scenarios.flatMap((scenario) => fuzzer.answered(scenario) ?? []),
    tables: [
      ...(await loadCases(path('operators.jsonl.gz'))).map(sampled),
      ...(await loadCases(path('handwritten.json'))),
    ],
  }
}

/** The case with fewer of its policies, and the answers that are left; policies are named by their place. */
function sampled(item: Case): Case {
  const policies = item.policy.split('\n')
  if (policies.length < LARGE) return item
  const kept = policies.map((_, index) => index).filter((index) => index % STRIDE === 0)
  const names = new Map(kept.map((index, place) => [`policy${index}`, `policy${place}`]))
  const left = (ids: readonly string[]): readonly string[] => ids.flatMap((id) => names.get(id) ?? [])
  return {
    ...item,
    policy: kept.map((index) => policies[index]).join('\n'),
    requests: item.requests.map((request) => {
      const reason = left(request.reason)
      return { ...request, decision: reason.length > 0 ? 'allow' : 'deny', reason, errors: left(request.errors) }
    }),
  }
}
