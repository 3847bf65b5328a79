// The one error of this package: news that must not be believed, or that cannot be had. Messages never hold a credential.

/** Every code of this package and what it means, one line each. docs/errors.md has the cause and the fix. */
export const FEED_ERRORS = {
  // what travels
  ERR_FEED_POSITION: 'a position is malformed',
  ERR_FEED_REVOCATION: 'a revocation is malformed',
  ERR_FEED_EVENT: 'an event or a snapshot of the feed is malformed',
  ERR_FEED_LIMIT: 'the authority sent more than the limits allow',
  // bundles
  ERR_FEED_BUNDLE_SIGNATURE: 'the bundle is not signed by a key that this guard trusts for bundles',
  ERR_FEED_BUNDLE_VERSION: 'the bundle is of a format or language that this release does not read',
  ERR_FEED_BUNDLE_FORMAT: 'the bundle has parts of the wrong form, or is not in its canonical text',
  ERR_FEED_BUNDLE_EXPIRED: 'the bundle has expired',
  ERR_FEED_AUDIT: 'a record of the audit does not have the form of one',
  ERR_FEED_AUDIT_CHECKPOINT: 'a checkpoint of the audit was not signed by a key of this authority',
  ERR_FEED_AUDIT_CONTRADICTED: 'the authority names fewer or other audit records than it did before',
  ERR_FEED_BUNDLE_AUDIENCE: 'the bundle was signed for the guards of another audience',
  ERR_FEED_BUNDLE_ROLLBACK: 'the bundle is older than one that was seen before',
  ERR_FEED_BUNDLE_REPLACED: 'the bundle has the number of one that was seen before, and another content',
  ERR_FEED_BUNDLE_DIGEST:
    'the bundle is not the one that its address names, or its policies are not the ones it was signed for',
  ERR_FEED_BUNDLE_POLICY: 'the schema or the policies of the bundle do not compile',
  ERR_FEED_BUNDLE_TEXTS: 'the program of the bundle is not what its texts say',
  // the way to the authority
  ERR_FEED_URL: 'the authority is only reached over https, or over http on the same machine',
  ERR_FEED_FETCH: 'the authority did not answer, or not as the protocol says',
  ERR_FEED_REFUSED: 'the authority refused the credentials of this guard',
  ERR_FEED_START: 'the first state could not be had from the authority',
  ERR_FEED_ROLLBACK: 'the authority speaks of a position before one that it has shown',
  ERR_FEED_VIEW: 'what this guard sees of the log has changed, and cannot be joined to what it knows',
  // what was kept over a restart
  ERR_FEED_STATE: 'the saved state is damaged',
  ERR_FEED_STATE_FOREIGN: 'the saved state is of another guard, audience or authority',
  ERR_FEED_STATE_AHEAD: 'the saved state is from later than the clock of this machine says',
  ERR_FEED_STATE_FILE: 'the saved state cannot be read or written',
  ERR_FEED_CLOSED: 'the client is closed',
  // break-glass
  ERR_FEED_BREAK_GLASS_FILE: 'the break-glass file cannot be read, or others may write it',
  ERR_FEED_BREAK_GLASS_SIGNATURE: 'the break-glass statement is not signed by a key that this guard trusts for bundles',
  ERR_FEED_BREAK_GLASS_FORMAT: 'the break-glass statement is malformed',
  ERR_FEED_BREAK_GLASS_FOREIGN: 'the break-glass statement is for another authority, audience or guard',
  ERR_FEED_BREAK_GLASS_EPOCH: 'the break-glass statement is of another epoch of the log',
  ERR_FEED_BREAK_GLASS_EXPIRED: 'the break-glass statement has ended',
  ERR_FEED_BREAK_GLASS_AHEAD: 'the break-glass statement is from later than the clock of this guard says',
  // decision records
  ERR_FEED_SPOOL: 'the file for decision records cannot be used',
  ERR_FEED_SPOOL_DAMAGED: 'lines of the file for decision records are no whole records; they are left out and counted',
  ERR_FEED_RECORD: 'the authority refused decision records for good; they are dropped and counted',
} as const

export type FeedErrorCode = keyof typeof FEED_ERRORS

export interface FeedErrorDetails {
  readonly hint?: string
  readonly cause?: unknown
  /** The HTTP status of the authority's answer. */
  readonly status?: number
}

export class FeedError extends Error {
  override readonly name = 'FeedError'
  readonly code: FeedErrorCode
  readonly hint: string | undefined
  readonly status: number | undefined

  constructor(code: FeedErrorCode, message: string = FEED_ERRORS[code], details: FeedErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
    this.status = details.status
  }
}
