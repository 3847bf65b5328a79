// The refusals that end the walk from a request to a caller. One never leaves this folder: `authenticate` makes it an answer and a record.

import type { Refused } from './refused-token.ts'

export class Stop extends Error {
  readonly refused: Refused

  constructor(refused: Refused, cause?: unknown) {
    super(refused.reason, { cause })
    this.refused = refused
  }
}

export const NO_TOKEN: Refused = { reason: 'no_token', answer: 'no_token' }
export const MALFORMED: Refused = { reason: 'invalid_request', answer: 'invalid_request' }
export const UNBOUND: Refused = { reason: 'binding', answer: 'invalid_token' }
export const BEHIND: Refused = { reason: 'stale', answer: 'unavailable' }
export const NO_POLICIES: Refused = { reason: 'unavailable', answer: 'unavailable' }
