// A residual, filled in, decides as the program does: under both rules, whatever is unknown, with what is known of entities cut off at
// the unknown types, as before they are loaded.

import type { Case } from '../../../conformance/case.ts'
import { EVALUATORS, prepareCase, readRequest } from '../../../conformance/engine.ts'
import { MASKS, residualFailure } from '../../../conformance/hidden.ts'
import { createSchemaReader } from '../../../conformance/schema.ts'
import type { Check } from './check.ts'

export const residuals: Check = {
  name: 'residual',
  run({ scenarios }) {
    const readSchema = createSchemaReader()
    for (const item of scenarios) {
      const failure = failureOf(item, readSchema)
      if (failure !== undefined) return `${item.id}: ${failure}`
    }
    return undefined
  },
}

function failureOf(item: Case, readSchema: ReturnType<typeof createSchemaReader>): string | undefined {
  const prepared = prepareCase(item, readSchema)
  for (const [at, question] of item.requests.entries()) {
    const request = readRequest(prepared, question)
    for (const [which, { program, rule, evaluator }] of prepared.judges.entries()) {
      // a residual is made of policies, not of what an evaluator makes of them
      if (evaluator !== EVALUATORS[0]) continue
      // each request hides something else
      const failure = residualFailure(program(), request, (7 * at + which) % MASKS)
      if (failure !== undefined) return `${evaluator.name}, ${rule}: ${failure}`
    }
  }
  return undefined
}
