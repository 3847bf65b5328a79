// `@cardea/policy/explain`: why a decision is what it is, and what would change it. Apart from the engine, which decides without it.

export { explain } from './explain.ts'
export type { ExplainOptions } from './explain.ts'
export { EXPLANATION_VERSION } from './explanation.ts'
export type {
  Asked,
  Change,
  ConditionError,
  ConditionFlip,
  DeterminingPolicy,
  ErringPolicy,
  ExplainedPolicy,
  Explanation,
  Flip,
  GrantFlip,
  Nearby,
  NearMiss,
  Operand,
  Place,
  ScopeFlip,
  UsedGrant,
  ValueKind,
} from './explanation.ts'
export { formatExplanation } from './format.ts'
export type { FormatExplanationOptions } from './format.ts'
export { summarize } from './line.ts'
export type { Summary } from './line.ts'
export { adviceFor, chooseRemedy, followRemedy, signInFacts } from './remedy.ts'
export type { LineOptions } from './text.ts'
