// The boundary in other languages.

export { OPA_ERRORS, OpaError } from './errors.ts'
export type { OpaErrorCode, OpaErrorDetails } from './errors.ts'

// Cedar as Rego
export { rulesModule } from './rego/rules-module.ts'
export type { RulesInput, RulesModule } from './rego/rules-module.ts'
export { libraryModules } from './rego/library.ts'
export { entityTerm, objectTerm, setTerm, textTerm, valueTerm } from './rego/term.ts'
