// What is allowed: Cedar text to a checked, indexed program; decide, residual. Here stands what services and browsers need; `mapping/`, `explain/`,
// `print/`, `json/`, `check/`, `annotation/`, `encoding/` and `codegen/` are paths of their own. `npm run bench -- size` says what each costs.

export { PolicyError } from './errors.ts'
export type { PolicyErrorCode, PolicyErrorDetails } from './errors.ts'
export type { Label, Problem, Suggestion } from './problem.ts'

// syntax
export { SYNTAX_LIMITS } from './syntax/limits.ts'
export type { SyntaxLimits } from './syntax/limits.ts'
export { nearMiss } from './syntax/near-miss.ts'
export { parseExpression, parsePolicies } from './syntax/parse-policies.ts'
export type { ParsedPolicies, ParseOptions } from './syntax/parse-policies.ts'
export { parsePolicySources } from './syntax/parse-policy-sources.ts'
export { positionOf } from './syntax/position.ts'
export type { Position } from './syntax/position.ts'
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
export { Ancestors } from './entity/ancestors.ts'
export { createEntities, createEntity, layerEntities } from './entity/entities.ts'
export type { Entities, Entity, EntityInput } from './entity/entities.ts'
export { entityUid, formatEntityUid, parseEntityUid, sameEntity } from './entity/uid.ts'
export { formatDatetime, parseDatetime } from './value/datetime.ts'
export { formatDecimal, parseDecimal } from './value/decimal.ts'
export { formatDuration, parseDuration } from './value/duration.ts'
export { setContains, setValue, valueEquals } from './value/equality.ts'
export { formatIp, isInRange, parseIp } from './value/ip.ts'
export { valueKey } from './value/key.ts'
export { isLong, longValue } from './value/long.ts'
export { fieldMap, recordValue } from './value/record.ts'
export type {
  DatetimeValue,
  DecimalValue,
  DurationValue,
  EntityUid,
  IpValue,
  Long,
  RecordValue,
  SetValue,
  Value,
} from './value/value.ts'

// schema
export { actionName } from './schema/action-name.ts'
export { ancestorTypes } from './schema/ancestor-types.ts'
export { checkEntity } from './schema/check-entity.ts'
export { checkRequest } from './schema/check-request.ts'
export type { CheckableRequest } from './schema/check-request.ts'
export { contextValues } from './schema/context-values.ts'
export { defineSchema } from './schema/define-schema.ts'
export type {
  ActionDefinition,
  ActionUid,
  Annotations,
  AttributeDefinition,
  AttributeDefinitions,
  EntityReferenceDefinition,
  EntityTypeDefinition,
  GeneratedSchema,
  PrimitiveDefinition,
  PrimitiveTypeName,
  RecordDefinition,
  SchemaDefinition,
  SetDefinition,
  TypeDefinition,
} from './schema/definition.ts'
export { describeType } from './schema/describe-type.ts'
export type {
  ActionContext,
  ActionName,
  ActionOn,
  EntityAttributes,
  EntityTypeName,
  HasNoRequiredContext,
  InputOf,
  PrincipalType,
  ResourceType,
} from './schema/infer.ts'
export { inputValue } from './schema/input-value.ts'
export type { InputSource } from './schema/input-value.ts'
export { digestSources, policyDigest } from './schema/policy-digest.ts'
export type { PolicySource } from './schema/policy-digest.ts'
export { RESERVED_CONTEXT, RESERVED_CONTEXT_TYPES } from './schema/reserved-context.ts'
export type { ReservedContext } from './schema/reserved-context.ts'
export { createSchema } from './schema/schema.ts'
export type { Schema } from './schema/schema.ts'

// program, decision, residual
export { childrenOf } from './check/children.ts'
export { createLinks } from './compile/links.ts'
export type { Links, TemplateLink } from './compile/links.ts'
export { closures } from './compile/evaluator.ts'
export type { Evaluator } from './compile/evaluator.ts'
export { compileProgram } from './compile/program.ts'
export type { ForbidErrors, Program, ProgramOptions } from './compile/program.ts'
export type { Test } from './compile/test.ts'
export type { NodeOf } from './operator/operator.ts'
export { foldConstants } from './operator/partial.ts'
export { allowedActions, allowedPrincipals } from './decide/allowed.ts'
export type { ActionsQuestion } from './decide/allowed.ts'
export { decide } from './decide/decide.ts'
export type { Decider } from './decide/decider.ts'
export type { Decision, PolicyFault } from './decide/decision.ts'
export type { Request } from './decide/request.ts'
export { evaluateResidual } from './residual/evaluate.ts'
export { residual } from './residual/residual.ts'
export type { Residual, ResidualPolicy } from './residual/residual.ts'
export type { MarkedExpression, Marks } from './residual/marks.ts'
export { unknownEntity } from './residual/request.ts'
export type { Filling, PartialRequest, UnknownEntity } from './residual/request.ts'
