// What is allowed: Cedar text to a checked, indexed program; decide, residual, explain.

export { POLICY_ERRORS, PolicyError } from './errors.ts'
export type { PolicyErrorCode, PolicyErrorDetails } from './errors.ts'
export type { Problem } from './problem.ts'

// syntax
export { formatProblem } from './syntax/format-problem.ts'
export { SYNTAX_LIMITS } from './syntax/limits.ts'
export type { SyntaxLimits } from './syntax/limits.ts'
export { nearMiss } from './syntax/near-miss.ts'
export { parseExpression, parsePolicies } from './syntax/parse-policies.ts'
export type { ParsedPolicies, ParseOptions } from './syntax/parse-policies.ts'
export { policyToJson } from './syntax/policy-to-json.ts'
export type {
  JsonActionScope,
  JsonEntityUid,
  JsonExpression,
  JsonPolicy,
  JsonReference,
  JsonScope,
} from './syntax/policy-to-json.ts'
export { positionOf } from './syntax/position.ts'
export type { Position } from './syntax/position.ts'
export { printExpression, printPolicy } from './syntax/print-policy.ts'
export type {
  ActionScope,
  Attribute,
  Binary,
  Call,
  Condition,
  Effect,
  Expression,
  ExpressionKind,
  ExtensionConstructor,
  ExtensionFunction,
  ExtensionMethod,
  Fault,
  Has,
  If,
  Is,
  Like,
  Literal,
  PatternPart,
  Policy,
  RecordLiteral,
  Scope,
  SetLiteral,
  Slot,
  SlotReference,
  Span,
  Unary,
  Variable,
  VariableName,
} from './syntax/tree.ts'

// values and entities

// schema and mapping

// program, decision, residual, explanation
