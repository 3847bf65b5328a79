// What is allowed: Cedar text to a checked, indexed program; decide, residual, explain.

export { POLICY_ERRORS, PolicyError } from './errors.ts'
export type { PolicyErrorCode, PolicyErrorDetails } from './errors.ts'
export type { Problem } from './problem.ts'

// syntax

// values and entities

// schema and mapping

// program, decision, residual, explanation
