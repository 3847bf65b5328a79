// Every evaluator, under both rules for an erring forbid, against what Cedar said: of generated scenarios, and of the tables with
// every operator on every pair of values.

import type { Case } from '../../../conformance/case.ts'
import { checkCase } from '../../../conformance/check-case.ts'
import { createSchemaReader } from '../../../conformance/schema.ts'
import type { Check } from './check.ts'

export const scenarios: Check = { name: 'scenarios', run: (recorded) => firstFailure(recorded.scenarios) }
export const tables: Check = { name: 'tables', run: (recorded) => firstFailure(recorded.tables) }

function firstFailure(cases: readonly Case[]): string | undefined {
  const readSchema = createSchemaReader()
  for (const item of cases) {
    for (const { unit, failure } of checkCase(item, readSchema)) {
      if (failure !== undefined) return `${item.id}, ${unit}: expected ${failure.expected}, got ${failure.got}`
    }
  }
  return undefined
}
