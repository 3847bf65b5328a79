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
  // what is doubtful is asked only of what is right: the checks rely on the types of a valid policy
  if (!found.some(({ severity }) => severity === 'error')) addLint(found, policies, definition)
  return { definition, policies, problems: sortProblems(found) }
}

/** Cedar says of some policies that they are impossible; ours say of the same, and of more, why. */
function addLint(found: Problem[], policies: readonly Policy[], definition: SchemaDefinition): void {
  const { problems, silenced } = lint(policies, definition)
  const said = [...problems, ...silenced].filter(({ code }) => code === 'ERR_VALIDATE_NEVER_APPLIES')
  const isSaidBetter = ({ code, message, span }: Problem): boolean =>
    code === 'ERR_VALIDATE_POLICY_WARNING' &&
    message.includes('impossible') &&
    said.some((other) => isAround(span, other.span))
  const kept = found.filter((problem) => !isSaidBetter(problem))
  found.splice(0, found.length, ...kept, ...problems)
}

function isAround(outer: Span | undefined, inner: Span | undefined): boolean {
  if (outer === undefined || inner === undefined) return false
  return outer.file === inner.file && outer.start <= inner.start && inner.end <= outer.end
}
