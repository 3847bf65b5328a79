// What a guard reads of a schema's contexts beyond Cedar's own meaning: names that only a guard fills in.

import { type Problem, RESERVED_CONTEXT, RESERVED_CONTEXT_TYPES, type SchemaDefinition } from '@cardea/policy'
import { problemOf } from '../errors.ts'

/** Reserved context of another type than a guard sets. */
export function checkGuarded({ actions }: SchemaDefinition, file: string): readonly Problem[] {
  const span = { file, start: 0, end: 0 }
  return Object.entries(actions).flatMap(([action, { context }]) => {
    const found: Problem[] = []
    for (const name of RESERVED_CONTEXT) {
      const type = Object.hasOwn(context, name) ? context[name]?.type : undefined
      if (type === undefined || type === RESERVED_CONTEXT_TYPES[name]) continue
      const message = `the context \`${name}\` of the action \`${action}\` must be of type \`${RESERVED_CONTEXT_TYPES[name]}\``
      found.push(
        problemOf('ERR_VALIDATE_SCHEMA_CONTEXT', message, {
          span,
          hint: 'a guard sets it; use another name for your own',
        }),
      )
    }
    return found
  })
}
