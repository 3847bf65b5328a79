// Strict validation of parsed policies against a valid schema. Each policy is given to Cedar as the very slice of text that was
// parsed, under an id made up for the call, so that every finding comes back to its place.

import type { Problem, SchemaDefinition, Span } from '@cardea/policy'
import type { DetailedError, ValidationAnswer, ValidationError } from '@cedar-policy/cedar-wasm/nodejs'
import type { CedarWorker } from '../cedar/cedar-worker.ts'
import type { CedarCall } from '../cedar/messages.ts'
import { type Excerpt, plainMessage, spanOf, toProblem } from '../cedar/to-problem.ts'
import { problemOf, type ValidateErrorCode } from '../errors.ts'
import { describeFinding } from '../finding/describe-finding.ts'
import { createFinding, type Told } from '../finding/finding.ts'
import { noAnswer } from '../schema/parse-schema.ts'
import type { PolicyText, Source } from './source.ts'

/** Crashes that are traced to a policy. One costs a new thread for each halving, and a text may be made to crash often. */
const TRACED_CRASHES = 4

/** All findings about policies that fit no valid request of the schema. Codes: `ERR_VALIDATE_POLICY...`, `ERR_VALIDATE_TIMEOUT`. */
export async function validatePolicies(
  worker: CedarWorker,
  schema: Source,
  policies: readonly PolicyText[],
  definition: SchemaDefinition,
): Promise<readonly Problem[]> {
  let crashes = 0
  return validateGroup(policies)

  /** After a crash the halves are validated on their own, until the policy is found that Cedar does not survive. */
  async function validateGroup(group: readonly PolicyText[]): Promise<readonly Problem[]> {
    if (group.length === 0) return []
    const result = await worker.call(callFor(schema, group))
    if (result.kind === 'answer') return problemsOf(result.answer, group, schema, definition)
    if (result.kind === 'timeout') return [noAnswer('timeout', schema.file)]
    const [only] = group
    if (group.length === 1 && only !== undefined) {
      crashes++
      return [crashOf(only)]
    }
    const middle = group.length >> 1
    const first = await validateGroup(group.slice(0, middle))
    if (crashes >= TRACED_CRASHES) return [...first, noAnswer('crash', schema.file)]
    return [...first, ...(await validateGroup(group.slice(middle)))]
  }
}

function callFor(schema: Source, group: readonly PolicyText[]): Extract<CedarCall, { readonly kind: 'validate' }> {
  const texts = (isTemplate: boolean): { readonly [id: string]: string } =>
    Object.fromEntries(
      group.flatMap((policy, index) => (policy.isTemplate === isTemplate ? [[idOf(index), policy.text]] : [])),
    )
  return { kind: 'validate', schema: schema.text, policies: texts(false), templates: texts(true) }
}

function idOf(index: number): string {
  return `p${index}`
}

function problemsOf(
  answer: ValidationAnswer,
  group: readonly PolicyText[],
  schema: Source,
  definition: SchemaDefinition,
): readonly Problem[] {
  const policies = new Map(group.map((policy, index) => [idOf(index), policy]))
  if (answer.type === 'failure') return answer.errors.map((error) => unparsed(error, policies, schema))
  const { validationErrors, validationWarnings } = answer
  // what else is doubtful about a policy with an error mostly repeats it: "impossible", because an action is misspelt
  const others = (errors: readonly ValidationError[]): ValidationError[] => {
    const wrong = new Set(errors.map(({ policyId }) => policyId))
    return validationWarnings.filter(({ policyId }) => !wrong.has(policyId))
  }
  const errors = [...validationErrors, ...others(validationErrors).filter(appliesToNothing)]
  const warnings = others(errors)
  const about = (
    code: ValidateErrorCode,
    severity: Problem['severity'],
    found: readonly ValidationError[],
  ): Problem[] =>
    found.map(({ policyId, error }) => {
      const policy = policies.get(policyId)
      const told = policy === undefined ? undefined : tell(error, policy, definition)
      return told === undefined ? toProblem(code, severity, error, policy ?? whole(schema)) : { ...told, severity }
    })
  return [
    ...withoutRepeats(about('ERR_VALIDATE_POLICY', 'error', errors)),
    ...about('ERR_VALIDATE_POLICY_WARNING', 'warning', warnings),
  ]
}

/**
 * A policy whose scope fits no action of the schema never takes part in a decision. Cedar warns since 4.0; a `forbid` that is
 * thought to be in force and is not is an error here. The published cases tell whether this still recognises it.
 */
function appliesToNothing({ error }: ValidationError): boolean {
  return error.message.endsWith('unable to find an applicable action given the policy scope constraints')
}

/** The finding in our words. */
function tell(error: DetailedError, excerpt: PolicyText, definition: SchemaDefinition): Told | undefined {
  const { policy, text } = excerpt
  const finding = createFinding(policy, definition, spanOf(error, excerpt), text)
  return describeFinding(plainMessage(error.message), finding)
}

/**
 * Cedar says the same of both sides of an operator, and once for each kind of request; and that two types do not fit also where one of
 * them is wrong in itself, which is said too.
 */
function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>()
  const isInside = (inner: Problem, outer: Problem): boolean =>
    inner !== outer && isWithin(inner.span, outer.span) && !isWithin(outer.span, inner.span)
  return problems.filter((problem) => {
    const key = JSON.stringify([problem.code, problem.message, problem.span])
    if (seen.has(key)) return false
    seen.add(key)
    return problem.code !== 'ERR_VALIDATE_INCOMPATIBLE' || !problems.some((other) => isInside(other, problem))
  })
}

function isWithin(inner: Span | undefined, outer: Span | undefined): boolean {
  if (inner === undefined || outer === undefined || inner.file !== outer.file) return false
  return outer.start <= inner.start && inner.end <= outer.end
}

/** What our parser takes and Cedar's does not is named in the message only. */
function unparsed(error: DetailedError, policies: ReadonlyMap<string, PolicyText>, schema: Source): Problem {
  const id = /with id `(p\d+)`/.exec(error.message)?.[1]
  return toProblem('ERR_VALIDATE_POLICY', 'error', error, policies.get(id ?? '') ?? whole(schema))
}

function whole({ file, text }: Source): Excerpt {
  return { file, text, offset: 0 }
}

function crashOf({ id, file, text, offset }: PolicyText): Problem {
  return problemOf('ERR_VALIDATE_POLICY_CRASH', `the validator does not survive the policy \`${id}\``, {
    span: { file, start: offset, end: offset + text.length },
    hint: 'split long chains of calls, and lists of conditions, into several policies',
  })
}
