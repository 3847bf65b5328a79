// What a guard reads of a schema beyond Cedar's own meaning: reserved context and annotations. A value that means nothing
// would be a rule that is silently not applied.

import {
  parseDuration,
  type Problem,
  RESERVED_CONTEXT,
  RESERVED_CONTEXT_TYPES,
  type SchemaDefinition,
} from '@cardea/policy'
import { problemOf } from '../errors.ts'

/** Reserved context of another type than a guard sets, and `@maxStale` without a length of time. */
export function checkGuarded({ actions }: SchemaDefinition, file: string): readonly Problem[] {
  const span = { file, start: 0, end: 0 }
  return Object.entries(actions).flatMap(([action, { context, annotations = {} }]) => {
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
    const limit = Object.hasOwn(annotations, 'maxStale') ? annotations['maxStale'] : undefined
    if (limit !== undefined && !isLengthOfTime(limit)) {
      const message = `the annotation \`@maxStale\` of the action \`${action}\` is no length of time`
      found.push(problemOf('ERR_VALIDATE_SCHEMA_ANNOTATION', message, { span, hint: 'write `@maxStale("5s")`' }))
    }
    return found
  })
}

function isLengthOfTime(text: string): boolean {
  const duration = parseDuration(text)
  return duration !== undefined && duration.milliseconds > 0n
}
