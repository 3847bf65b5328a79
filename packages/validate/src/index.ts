// Strict validation of Cedar policies and schemas, and the generated file that carries a schema's types.

export { policyDigest } from '@cardea/policy'
export type { CheckedSources, Sources } from './check/check-sources.ts'
export type { Source } from './check/source.ts'
export { VALIDATE_ERRORS, ValidateError } from './errors.ts'
export type { ValidateErrorCode } from './errors.ts'
export { generateSchemaFile } from './generate/generate-schema-file.ts'
export type { GenerateOptions } from './generate/generate-schema-file.ts'
export type { ParsedSchema } from './schema/parse-schema.ts'
export { SCHEMA_LIMITS } from './schema/schema-limits.ts'
export type { SchemaLimits } from './schema/schema-limits.ts'
export { checkSources, createValidator } from './validator.ts'
export type { Validator, ValidatorOptions } from './validator.ts'
