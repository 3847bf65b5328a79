// What is wrong with named values, said of each name. Run only when something is wrong.

import { type PolicyErrorCode, problem } from '../errors.ts'
import type { Problem } from '../problem.ts'
import { didYouMean } from '../syntax/near-miss.ts'
import type { Value } from '../value/value.ts'
import type { FieldsCheck } from './check-value.ts'
import { describeType } from './describe-type.ts'

/** One problem a name: missing, unknown, or of another type. Messages hold names and types, never values. */
export function fieldProblems(
  values: ReadonlyMap<string, Value>,
  { fields, required }: FieldsCheck,
  code: PolicyErrorCode,
  where: string,
): readonly Problem[] {
  const found: Problem[] = []
  const report = (message: string, hint?: string): void => void found.push(problem(code, message, { hint }))
  for (const name of required) {
    if (!values.has(name)) report(`${where} lacks \`${name}\``)
  }
  for (const [name, value] of values) {
    const field = fields.get(name)
    if (field === undefined) {
      report(`${where} has \`${name}\`, which the schema does not`, didYouMean(name, fields.keys()))
    } else if (!field.check(value)) {
      report(`\`${name}\` of ${where} must be of type ${describeType(field.type)}`)
    }
  }
  return found
}
