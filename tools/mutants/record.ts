// What the quick suite compares with: the tables, and Cedar's answers to scenarios of a fixed seed.

import { fileURLToPath } from 'node:url'
import { loadCases } from '../../conformance/case.ts'
import { createFuzzer } from '../../conformance/fuzz/fuzzer.ts'
import { makeScenario } from '../../conformance/fuzz/scenario.ts'
import type { Recorded } from './suite/check.ts'

const SEED = 4_052_026
const SCENARIOS = 160

export async function record(): Promise<Recorded> {
  const fuzzer = createFuzzer([])
  const scenarios = Array.from({ length: SCENARIOS }, (_, number) => makeScenario(SEED, number))
  const path = (name: string): string => fileURLToPath(new URL(`../../conformance/cedar/${name}`, import.meta.url))
  return {
    scenarios: scenarios.flatMap((scenario) => fuzzer.answered(scenario) ?? []),
    tables: [...(await loadCases(path('operators.jsonl.gz'))), ...(await loadCases(path('handwritten.json')))],
  }
}
