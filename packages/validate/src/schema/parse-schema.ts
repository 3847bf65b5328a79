// Schema text to a definition. Problems are values, with their places where Cedar says one.

import { createSchema, PolicyError, type Problem, type SchemaDefinition } from '@cardea/policy'
import type { DetailedError, SchemaJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { CedarWorker } from '../cedar/cedar-worker.ts'
import { type Excerpt, spanOf, toProblem } from '../cedar/to-problem.ts'
import { problemOf, ValidateError, type ValidateErrorCode } from '../errors.ts'
import { describeSchemaFinding } from '../finding/describe-schema.ts'
import { outlineOf } from './outline.ts'
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
    return { problems: answer.errors.map((error) => tell('ERR_VALIDATE_SCHEMA', 'error', error, excerpt)) }
  }
  const warnings = answer.warnings.map((warning) => tell('ERR_VALIDATE_SCHEMA_WARNING', 'warning', warning, excerpt))
  return define(answer.json, excerpt, limits, warnings)
}

/** The finding in our words where its form is known, in Cedar's otherwise. */
function tell(code: ValidateErrorCode, severity: Problem['severity'], error: DetailedError, excerpt: Excerpt): Problem {
  const told = describeSchemaFinding(error, excerpt)
  if (told === undefined) return toProblem(code, severity, error, excerpt)
  return { severity, code, span: spanOf(error, excerpt), ...told }
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
  { file, text }: Excerpt,
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
      const place = error.code === 'ERR_VALIDATE_SCHEMA_ACTION' ? placesOfActions(error.message, text, file) : {}
      return { problems: [problemOf(error.code, error.message, { span, ...place, ...hint }), ...warnings] }
    }
    if (!(error instanceof PolicyError)) throw error
    return { problems: [...error.problems.map((problem) => ({ ...problem, span })), ...warnings] }
  }
}

/** The actions of the name that the message quotes: the last one to mend, and the others. */
function placesOfActions(message: string, text: string, file: string): Partial<Problem> {
  const places = outlineOf(text)
    .filter(({ kind, name }) => kind === 'action' && message.includes(`\`${name}\``))
    .map(({ start, end }) => ({ file, start, end }))
  const span = places.at(-1)
  if (span === undefined) return {}
  return { span, labels: places.slice(0, -1).map((place) => ({ span: place, message: 'first here' })) }
}
