// What travels between the centre and the edge: bundles, key sets, revocations, decision records; and the client that
// follows them and knows how fresh it is.

export { buildBundle, printBundle } from './bundle/build-bundle.ts'
export type { BundleParts } from './bundle/build-bundle.ts'
export { BUNDLE_FORMAT, BUNDLE_LANGUAGE, BUNDLE_TYPE } from './bundle/bundle.ts'
export type {
  BundleAddress,
  BundleContent,
  BundlePlan,
  BundleSource,
  CompiledBundle,
  OpenBundle,
  PublishedContent,
} from './bundle/bundle.ts'
export { compileBundle } from './bundle/compile-bundle.ts'
export type { CompileBundleOptions } from './bundle/compile-bundle.ts'
export { openBundle } from './bundle/open-bundle.ts'
export type { OpenBundleOptions } from './bundle/open-bundle.ts'
export { parseBundle } from './bundle/parse-bundle.ts'
export { checkBundleDigest, proveBundle } from './bundle/prove-bundle.ts'
export { bundleDigest, signBundle } from './bundle/sign-bundle.ts'
export { createFeedClient } from './client/feed-client.ts'
export type { FeedChange, FeedClient, FeedClientOptions, FeedLogEntry, FeedState } from './client/feed-client.ts'
export { FEED_ERRORS, FeedError } from './errors.ts'
export type { FeedErrorCode, FeedErrorDetails } from './errors.ts'
export { comparePositions, formatPosition, parsePosition, readPosition } from './position.ts'
export type { Position } from './position.ts'
export type { DecisionRecord, DecisionReport } from './record/decision-record.ts'
export { createRecorder } from './record/recorder.ts'
export type { Recorder, RecorderOptions, WhenFull } from './record/recorder.ts'
export { createSpool, SPOOL_BYTES } from './record/spool.ts'
export type { Spool, SpoolOptions } from './record/spool.ts'
export { readRevocation, readRevocationKey } from './revocation/read-revocation.ts'
export type { RevocableClaims, RevocableGrant, RevocableToken } from './revocation/revocable.ts'
export { revocationKeyText } from './revocation/revocation.ts'
export type { Revocation, RevocationKey } from './revocation/revocation.ts'
export { createRevocations } from './revocation/revocations.ts'
export type { Revocations, RevocationsOptions } from './revocation/revocations.ts'
export { createSubjectKey, createSubjectNames, hideSubject } from './revocation/subject-names.ts'
export type { SubjectNames } from './revocation/subject-names.ts'
export { createSteadyClock } from './steady-clock.ts'
export type { ClockSources, Moment, SteadyClock } from './steady-clock.ts'
export { createAuthority } from './wire/authority.ts'
export type { Authority, AuthorityOptions, Credentials, Place } from './wire/authority.ts'
export type { FeedView } from './wire/feed-view.ts'
export { chainEntry, eraseEntry, isErased, NO_RECORDS } from './audit/audit-entry.ts'
export type { AuditEntry, AuditHead, ChainedEntry } from './audit/audit-entry.ts'
export { signCheckpoint } from './audit/checkpoint.ts'
export type { Checkpoint } from './audit/checkpoint.ts'
export { verifyAudit } from './audit/verify-audit.ts'
export type { AuditFault, AuditFinding, AuditLine, AuditReport, VerifyAuditOptions } from './audit/verify-audit.ts'
export { readApplied } from './wire/applied.ts'
export type { Applied } from './wire/applied.ts'
export type { FeedEvent, FeedNews, Head, Snapshot } from './wire/messages.ts'
