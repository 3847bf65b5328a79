// `@cardea/policy/print`: what people read: policies and values as Cedar text, problems with code frames. Apart from the
// engine, which prints nothing.

export { countProblems, formatProblem, formatProblems } from './format-problem.ts'
export type { FormatOptions, ProblemTexts } from './format-problem.ts'
export { printExpression, printPolicy } from './print-policy.ts'
export { POLICY_ERRORS } from '../errors.ts'
export { formatValue } from '../value/format.ts'
