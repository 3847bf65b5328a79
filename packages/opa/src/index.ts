// The boundary in other languages.

export { OPA_ERRORS, OpaError } from './errors.ts'
export type { OpaErrorCode, OpaErrorDetails } from './errors.ts'
