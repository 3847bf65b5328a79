// `@cardea/policy/json`: what other programs read and write: values, entities, policies and residuals as Cedar's JSON. Apart from the
// engine, which takes values as they are.

export { parseEntitiesJson } from '../entity/entities-json.ts'
export { entityUidFromJson, valueFromJson, valueToJson } from '../value/json.ts'
export { policyToJson } from './policy-to-json.ts'
export type {
  JsonActionScope,
  JsonEntityUid,
  JsonExpression,
  JsonPolicy,
  JsonReference,
  JsonScope,
} from './policy-to-json.ts'
export { residualToJson } from '../residual/to-json.ts'
export type { JsonResidual, JsonResidualNode, JsonResidualPolicy } from '../residual/to-json.ts'
