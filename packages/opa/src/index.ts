// The boundary in other languages.

export { OPA_ERRORS, OpaError } from './errors.ts'
export type { OpaErrorCode, OpaErrorDetails } from './errors.ts'

// Cedar as Rego
export { rulesModule } from './rego/rules-module.ts'
export type { RulesInput, RulesModule } from './rego/rules-module.ts'
export { libraryModules, requestModules } from './rego/library.ts'
export { schemaModule } from './rego/schema-module.ts'
export { entityTerm, objectTerm, setTerm, textTerm, valueTerm } from './rego/term.ts'
