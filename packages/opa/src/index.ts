// The boundary in other languages.

export { buildOpaBundle } from './bundle/build-bundle.ts'
export type { BuildOpaBundleOptions, OpaBundle } from './bundle/build-bundle.ts'
export type { OpaBundleContent } from './bundle/bundle-files.ts'
export { OPA_BUNDLE_KINDS, opaResource, opaScope } from './bundle/bundle-kinds.ts'
export type { OpaBundleKind } from './bundle/bundle-kinds.ts'
export {
  OPA_SECRET_VARIABLE,
  OPA_TOKEN_FILE,
  opaBootConfiguration,
  opaDiscoveryContent,
} from './bundle/opa-configuration.ts'
export type { OpaBoot, OpaDiscovery } from './bundle/opa-configuration.ts'
export { opaVerificationKeys } from './bundle/verification-keys.ts'
export { printOpaJson } from './bundle/opa-json.ts'
export type { OpaJson, OpaObject } from './bundle/opa-json.ts'
export { OPA_ERRORS, OpaError } from './errors.ts'
export type { OpaErrorCode, OpaErrorDetails } from './errors.ts'

// Cedar as Rego
export { rulesModule } from './rego/rules-module.ts'
export type { RulesInput, RulesModule } from './rego/rules-module.ts'
export { libraryModules, POLICY_ROOT, SCOPES_ROOT } from './rego/library.ts'
export type { Library, Modules } from './rego/library.ts'
export { policyModules } from './rego/policy-modules.ts'
export type { PolicyModules, PolicyModulesInput } from './rego/policy-modules.ts'
export { schemaModule } from './rego/schema-module.ts'
export { entityTerm, objectTerm, setTerm, textTerm, valueTerm } from './rego/term.ts'

// all of it for one audience
export { hiddenGrantee, hiddenPrincipal } from './news/hidden-names.ts'
export { OPA_NEWS_ROOT, opaNewsContent } from './news/news.ts'
export type { OpaNews } from './news/news.ts'
export { OPA_POLICY_ROOTS, opaPolicyFiles } from './policy-files.ts'
export type { OpaFacts, OpaPolicyFiles } from './policy-files.ts'
export { createRestDecider } from './decider/rest-decider.ts'
export type { RestDecider, RestDeciderOptions } from './decider/rest-decider.ts'
export { createWasmDecider } from './decider/wasm-decider.ts'
export type { WasmDecider, WasmDeciderOptions } from './decider/wasm-decider.ts'
export type { InputOf, QuestionOptions } from './decider/question.ts'
export type { Builtin } from './decider/wasm-instance.ts'
export { jsonText } from './input/json-text.ts'
export type { Json, JsonObject } from './input/json-text.ts'
export { MAX_REFERENCES, requestInput } from './input/request-input.ts'
export type { EntityInput, LinkInput, RequestInput, UidInput } from './input/request-input.ts'
export { maskPolicy } from './report/mask-policy.ts'
export { DECISION_LOG_LIMITS, readDecisionLog } from './report/read-decision-log.ts'
export type { DecisionLogLimits, DecisionLogOptions } from './report/read-decision-log.ts'
export type { OpaRecord, ReportedDecision } from './report/read-event.ts'
export { readStatus } from './report/read-status.ts'
export type { OpaBundleStatus, OpaStatus } from './report/read-status.ts'
export { isOlder, parseRevision } from './report/revision.ts'
export type { Revision } from './report/revision.ts'
