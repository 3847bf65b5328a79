// All files of a set, as one set: a policy without an `@id` has one name wherever the set is read.

import type { PolicySource } from '../schema/policy-digest.ts'
import { type ParsedPolicies, parsePolicies } from './parse-policies.ts'

/**
 * Parses files in the order given. A policy without `@id` is `policyN` of the whole set, so the same files in the same order have the
 * same ids everywhere. Does not compare ids across files: `compileProgram` does. Never throws. Codes: `ERR_POLICY_SYNTAX_...`.
 */
export function parsePolicySources(sources: readonly PolicySource[]): ParsedPolicies {
  let firstPosition = 0
  const parsed = sources.map(({ file, text }) => {
    const result = parsePolicies(text, { file, firstPosition })
    firstPosition += result.policies.length
    return result
  })
  return {
    policies: parsed.flatMap(({ policies }) => policies),
    problems: parsed.flatMap(({ problems }) => problems),
  }
}
