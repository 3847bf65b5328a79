// What is doubtful about policies beyond what Cedar's validator says. Warnings, each with its place, none where it is not sure.

import { createSchema, type Policy, type Problem, type SchemaDefinition } from '@cardea/policy'
import { problemOf, type ValidateErrorCode } from '../errors.ts'
import { createSubject, type Finding } from './check/check.ts'
import { CHECKS } from './checks.ts'
import { createForms } from './form/policy-form.ts'
import { silenceOf, unusedSilence } from './silence.ts'
import type { Supply } from './supply.ts'

export interface Lint {
  readonly problems: readonly Problem[]
  /** What the policies silence. */
  readonly silenced: readonly Problem[]
}

/**
 * The findings about policies that passed strict validation. With a `supply`, those of the checks that need it and no others.
 * Codes: those of `CHECKS`, `ERR_VALIDATE_LINT`. Cost: about linear; policies are found by what they name, never compared in pairs.
 */
export function lint(policies: readonly Policy[], definition: SchemaDefinition, supply?: Supply): Lint {
  const schema = createSchema(definition)
  const subject = createSubject(schema, policies.map(createForms(schema)), supply ?? {})
  const silences = new Map(policies.map((policy) => [policy, silenceOf(policy, CHECKS)]))
  const problems: Problem[] = []
  const silenced: Problem[] = []
  for (const { name, code, needsSupply, find } of CHECKS) {
    if ((needsSupply === true) !== (supply !== undefined)) continue
    const isSilent = (policy: Policy): boolean => silences.get(policy)?.names.has(name) === true
    const findings = find(subject)
    for (const finding of findings) (isSilent(finding.policy) ? silenced : problems).push(warning(code, finding))
    const found = new Set(findings.map(({ policy }) => policy))
    for (const policy of policies) {
      if (isSilent(policy) && !found.has(policy)) problems.push(warning(LINT, unusedSilence(policy, name)))
    }
  }
  if (supply === undefined) {
    for (const { findings } of silences.values()) {
      problems.push(...findings.map((finding) => warning(LINT, finding)))
    }
  }
  return { problems, silenced }
}

/** The findings of `lint`, but for those that the policies silence. */
export function lintPolicies(
  policies: readonly Policy[],
  definition: SchemaDefinition,
  supply?: Supply,
): readonly Problem[] {
  return lint(policies, definition, supply).problems
}

const LINT = 'ERR_VALIDATE_LINT'

function warning(code: ValidateErrorCode, { message, hint, span, labels = [] }: Finding): Problem {
  return {
    ...problemOf(code, message, { severity: 'warning', hint, span }),
    ...(labels.length === 0 ? {} : { labels }),
  }
}
