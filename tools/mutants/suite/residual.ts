// A residual, evaluated on each resource, decides as the program does: under both rules, with what is known of entities cut off at the
// resource's type, as before resources are loaded.

import { decide, type Entities, type Entity, evaluateResidual, residual, sameEntity } from '@cardea/policy'
import type { Case } from '../../../conformance/case.ts'
import { prepareCase, readRequest } from '../../../conformance/engine.ts'
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
  for (const question of item.requests) {
    const request = readRequest(prepared, question)
    const { principal, resource, entities } = request
    const resourceEntity = entities.get(resource)
    // what is not there cannot be loaded
    if (resourceEntity === undefined) continue
    const known: Entities = {
      get: (uid) => (uid.type !== resource.type || sameEntity(uid, principal) ? entities.get(uid) : undefined),
    }
    for (const { program, rule, evaluator } of prepared.judges) {
      const expected = decide(program(), { ...request, entities: known, resourceEntity }).decision
      const left = residual(program(), { ...request, resourceType: resource.type, entities: known })
      const got = evaluateResidual(left, resourceEntity satisfies Entity, known).decision
      if (got !== expected) return `${evaluator.name}, ${rule}: ${left.kind} gives ${got}, deciding gives ${expected}`
    }
  }
  return undefined
}
