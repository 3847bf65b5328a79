// The boundary in a service: let in, decide, record. `mapEntity` and the types of rows come from the policy room, so that a service
// learns one name.

export { mapEntity } from '@cardea/policy/mapping'
export type { EntityUid } from '@cardea/policy'
export type { Authorization, Authorized, EntityMapping, Filter, MappedEntity } from '@cardea/policy/mapping'
export type { Remedy } from '@cardea/policy/annotation'

export type { Auth, AuthDecision, ContextArguments } from './auth/auth.ts'
export { createAddressReader } from './authenticate/client-address.ts'
export type { AddressReader } from './authenticate/client-address.ts'
export { createCertificateReader } from './authenticate/client-certificate.ts'
export type {
  CallerCertificate,
  CertificateFacts,
  CertificateReader,
  CertificateReaderOptions,
} from './authenticate/client-certificate.ts'
export type { Headers } from './authenticate/credentials.ts'
export type { GuardRequest } from './authenticate/request.ts'
export type { StepUp } from './challenge.ts'
export type { Schedule } from './clock.ts'
export { DeniedError, GUARD_ERRORS, GuardError, LapsedError, UnauthenticatedError } from './errors.ts'
export type { GuardErrorCode, GuardErrorDetails, Refusal } from './errors.ts'
export { createGuard } from './guard.ts'
export type { BreakGlassState, Guard, GuardState } from './guard.ts'
export type { GuardLog, LogFields } from './log.ts'
export type {
  ActionDecider,
  AuditOptions,
  AuthorityOptions,
  CommonOptions,
  DeciderMode,
  DpopOptions,
  FullAudit,
  GuardOptions,
  StandaloneOptions,
} from './options.ts'
export { ANSWERS, PROBLEM_TYPE, problemBody } from './problem.ts'
export type { AnswerCode, Explanation, ProblemDetails } from './problem.ts'
export { REASONS } from './reason.ts'
export type { Reason } from './reason.ts'
export type { DecisionEvent } from './record.ts'
export type { Register, RegisteredSchema } from './register.ts'
export type { ResourceMetadata } from './resource-metadata.ts'
export type { PolicySource } from './source/policy-folder.ts'
