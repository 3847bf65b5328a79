// A check of the quick suite: fixed inputs, and the first thing that is wrong with the engine, or nothing.

import type { Case } from '../../../conformance/case.ts'

export interface Check {
  readonly name: string
  run(recorded: Recorded): string | undefined
}

/** What Cedar has said before any fault was planted. */
export interface Recorded {
  /** Generated scenarios with Cedar's answers. */
  readonly scenarios: readonly Case[]
  readonly tables: readonly Case[]
}
