// The centre: exchange, keys, grants, revocation, policy publication, the feed and the log.

export { createAuthority } from './authority.ts'
export type { Authority, ListenAddress, Listening } from './authority.ts'
export { AUTHORITY_ERRORS, AuthorityError } from './errors.ts'
export type { AuthorityErrorCode, AuthorityErrorDetails } from './errors.ts'
export type { ClientCredentials, EnrolledClient } from './identity/clients.ts'
export type { SignInOptions } from './identity/test-provider.ts'
export { initialiseAuthority } from './initialise.ts'
export type { InitialiseOptions } from './initialise.ts'
export { createLog, createSilentLog } from './log.ts'
export type { AuthorityOptions } from './options.ts'
export type { AuthorityService, ServicePublication } from './service.ts'
