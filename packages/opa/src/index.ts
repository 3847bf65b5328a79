// The boundary in other languages.

export { OPA_ERRORS, OpaError } from './errors.ts'
export type { OpaErrorCode, OpaErrorDetails } from './errors.ts'

// Cedar as Rego
export { rulesModule } from './rego/rules-module.ts'
export type { RulesInput, RulesModule } from './rego/rules-module.ts'
export { libraryModules, POLICY_ROOT } from './rego/library.ts'
export type { Library, Modules } from './rego/library.ts'
export { schemaModule } from './rego/schema-module.ts'
export { entityTerm, objectTerm, setTerm, textTerm, valueTerm } from './rego/term.ts'

// all of it for one audience
export { OPA_POLICY_ROOTS, opaPolicyFiles } from './policy-files.ts'
export type { OpaFacts, OpaPolicyFiles } from './policy-files.ts'
