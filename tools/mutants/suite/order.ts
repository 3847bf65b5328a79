// What determined a decision, and what erred, is named in the order of the policies.

import { decide } from '@cardea/policy'
import { prepareCase, readRequest } from '../../../conformance/engine.ts'
import { createSchemaReader } from '../../../conformance/schema.ts'
import type { Check } from './check.ts'

export const order: Check = {
  name: 'order',
  run({ scenarios }) {
    const readSchema = createSchemaReader()
    for (const item of scenarios.slice(0, 40)) {
      const prepared = prepareCase(item, readSchema)
      const places = new Map(prepared.policies.map(({ id }, place) => [id, place]))
      for (const { id, template } of item.links ?? []) places.set(id, places.get(template) ?? 0)
      for (const question of item.requests) {
        for (const { program } of prepared.judges) {
          const { determining, errors } = decide(program(), readRequest(prepared, question))
          for (const ids of [determining, errors.map(({ policy }) => policy)]) {
            const found = ids.map((id) => places.get(id) ?? -1)
            if (found.some((place, index) => place < (found[index - 1] ?? 0))) return `${item.id}: ${ids.join(', ')}`
          }
        }
      }
    }
    return undefined
  },
}
