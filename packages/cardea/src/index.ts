// The command's package as a library: the type of its configuration file.

export type { CardeaConfig, SecretReference } from './config/config-schema.ts'
export { defineConfig } from './config/define-config.ts'
export { COMMAND_ERRORS, CommandError } from './errors.ts'
export type { CommandErrorCode } from './errors.ts'
