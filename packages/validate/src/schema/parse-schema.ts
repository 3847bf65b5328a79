// Schema text to a definition. Problems are values, with their places where Cedar says one.

import { createSchema, PolicyError, type Problem, type SchemaDefinition } from '@cardea/policy'
import type { SchemaJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { CedarWorker } from '../cedar/cedar-worker.ts'
import { toProblem } from '../cedar/to-problem.ts'
import { problemOf, ValidateError } from '../errors.ts'
import { checkSchemaText, type SchemaLimits } from './schema-limits.ts'
import { toDefinition } from './to-definition.ts'

export interface ParsedSchema {
  /** There exactly when no problem is an error. */
  readonly definition?: SchemaDefinition
  readonly problems: readonly Problem[]
}

/** Parses and checks a schema. Codes: `ERR_VALIDATE_SCHEMA...`, `ERR_VALIDATE_CRASH`, `ERR_VALIDATE_TIMEOUT`. */
export async function parseSchema(
  worker: CedarWorker,
  text: string,
  file: string,
  limits: SchemaLimits,
): Promise<ParsedSchema> {
  const excess = checkSchemaText(text, file, limits)
  if (excess !== undefined) return { problems: [excess] }
  const result = await worker.call({ kind: 'schema', text })
  if (result.kind !== 'answer') return { problems: [noAnswer(result.kind, file)] }
  const { answer } = result
  const excerpt = { file, text, offset: 0 }
  if (answer.type === 'failure') {
    return { problems: answer.errors.map((error) => toProblem('ERR_VALIDATE_SCHEMA', 'error', error, excerpt)) }
  }
  const warnings = answer.warnings.map((warning) =>
    toProblem('ERR_VALIDATE_SCHEMA_WARNING', 'warning', warning, excerpt),
  )
  return define(answer.json, file, limits, warnings)
}

/** The problem of a text that the validator did not come back from. */
export function noAnswer(kind: 'crash' | 'timeout', file: string): Problem {
  const span = { file, start: 0, end: 0 }
  return kind === 'crash'
    ? problemOf('ERR_VALIDATE_CRASH', 'the validator crashed on this text', {
        span,
        hint: 'it may be nested too deeply',
      })
    : problemOf('ERR_VALIDATE_TIMEOUT', 'the validator took too long on this text', { span })
}

function define(
  json: SchemaJson<string>,
  file: string,
  limits: SchemaLimits,
  warnings: readonly Problem[],
): ParsedSchema {
  const span = { file, start: 0, end: 0 }
  try {
    const definition = toDefinition(json, limits)
    createSchema(definition)
    return { definition, problems: warnings }
  } catch (error) {
    if (error instanceof ValidateError) {
      const hint = error.hint === undefined ? {} : { hint: error.hint }
      return { problems: [problemOf(error.code, error.message, { span, ...hint }), ...warnings] }
    }
    if (!(error instanceof PolicyError)) throw error
    return { problems: [...error.problems.map((problem) => ({ ...problem, span })), ...warnings] }
  }
}
