// The fast evaluator, handed on so that a service learns one name: `createGuard({ ..., evaluator: codegen })`.

export { codegen } from '@cardea/policy/codegen'
