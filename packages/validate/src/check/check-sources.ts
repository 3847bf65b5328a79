// The whole of `cardea check`: policies parsed by our parser, the schema and strict validation by Cedar's, ids, and what a guard
// reads of the schema. All problems of all sources are found, also when some files have others.

import type { Policy, Problem, SchemaDefinition, Span } from '@cardea/policy'
import type { CedarWorker } from '../cedar/cedar-worker.ts'
import { lint } from '../lint/lint.ts'
import { parseSchema } from '../schema/parse-schema.ts'
import type { SchemaLimits } from '../schema/schema-limits.ts'
import { checkAnnotations } from './check-annotations.ts'
import { checkGuarded } from './check-guarded.ts'
import { parseSources } from './parse-sources.ts'
import { sortProblems } from './sort-problems.ts'
import type { Source } from './source.ts'
import { validatePolicies } from './validate-policies.ts'

export interface Sources {
  readonly schema: Source
  readonly policies: readonly Source[]
}

export interface CheckedSources {
  /** There exactly when the schema has no error. */
  readonly definition?: SchemaDefinition
  /** Those without a problem of syntax, in the order of the files. */
  readonly policies: readonly Policy[]
  /** Sorted by file and place. Nothing may be built while one of them is an error. */
  readonly problems: readonly Problem[]
}

export interface CheckOptions {
  /** Default true. False leaves out what is only doubtful, for who wants to know soon what is wrong; `lintChecked` adds it. */
  readonly lint?: boolean
}

export async function checkAll(
  worker: CedarWorker,
  { schema, policies: files }: Sources,
  limits: SchemaLimits,
): Promise<CheckedSources> {
  const { policies, texts, problems } = parseSources(files)
  const parsed = await parseSchema(worker, schema.text, schema.file, limits)
  const found = [...problems, ...checkAnnotations(schema, files, policies), ...parsed.problems]
  const { definition } = parsed
  if (definition === undefined) return { policies, problems: sortProblems(found) }
  found.push(...checkGuarded(definition, schema), ...(await validatePolicies(worker, schema, texts, definition)))
  return { definition, policies, problems: sortProblems(found) }
}

/**
 * What was checked without lint, with its warnings: together what a check with lint says. Adds no error. What is doubtful is asked only of
 * what is right, as the checks rely on the types of a valid policy: where there is an error, nothing is added.
 */
export function lintChecked(checked: CheckedSources): CheckedSources {
  const { definition, policies, problems: found } = checked
  if (definition === undefined || found.some(({ severity }) => severity === 'error')) return checked
  const { problems, silenced } = lint(policies, definition)
  // Cedar says of some policies that they are impossible; ours say of the same, and of more, why
  const said = [...problems, ...silenced].filter(({ code }) => code === 'ERR_VALIDATE_NEVER_APPLIES')
  const isSaidBetter = ({ code, message, span }: Problem): boolean =>
    code === 'ERR_VALIDATE_POLICY_WARNING' &&
    message.includes('impossible') &&
    said.some((other) => isAround(span, other.span))
  const kept = found.filter((problem) => !isSaidBetter(problem))
  return { definition, policies, problems: sortProblems([...kept, ...problems]) }
}

function isAround(outer: Span | undefined, inner: Span | undefined): boolean {
  if (outer === undefined || inner === undefined) return false
  return outer.file === inner.file && outer.start <= inner.start && inner.end <= outer.end
}
