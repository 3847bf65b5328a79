// A signed checkpoint of the audit: so many records there were, and this was the hash of the last. Whoever keeps one can tell later
// whether the records up to it are still those.

import {
  type KeySource,
  parseStrictJson,
  SIGNATURE_ALGORITHMS,
  type SigningKey,
  signJws,
  verifyJws,
} from '@cardea/token'
import { FeedError } from '../errors.ts'
import { isObject, isSeconds } from '../wire/json.ts'
import type { AuditHead } from './audit-entry.ts'

/** The `typ` of the header. No token has it. */
const CHECKPOINT_TYPE = 'cardea-checkpoint+jws'

export interface Checkpoint extends AuditHead {
  /** The authority whose records these are. */
  readonly issuer: string
  /** Unix seconds. */
  readonly atSeconds: number
}

export function signCheckpoint(checkpoint: Checkpoint, key: SigningKey): Promise<string> {
  const { issuer, count, hash, atSeconds } = checkpoint
  return signJws({ issuer, count, hash, atSeconds }, key, { type: CHECKPOINT_TYPE })
}

/** Each key is bound to its own algorithm. Throws `ERR_FEED_AUDIT_CHECKPOINT`. */
export async function openCheckpoint(
  signed: string,
  keys: KeySource,
): Promise<Checkpoint & { readonly keyId: string }> {
  try {
    const options = { keys, algorithms: SIGNATURE_ALGORITHMS, type: CHECKPOINT_TYPE }
    const { payload, keyId } = await verifyJws(signed, options)
    const json = parseStrictJson(payload)
    if (isObject(json)) {
      const { issuer, count, hash, atSeconds } = json
      const isRead = typeof issuer === 'string' && isSeconds(count) && isSeconds(atSeconds)
      if (isRead && typeof hash === 'string') return { issuer, count, hash, atSeconds, keyId }
    }
  } catch (cause) {
    throw new FeedError('ERR_FEED_AUDIT_CHECKPOINT', undefined, { cause })
  }
  throw new FeedError('ERR_FEED_AUDIT_CHECKPOINT', 'a checkpoint does not have the form of one')
}

/** What is said of the newest one in the feed. Throws `ERR_FEED_EVENT`. */
export function readHeadOf(json: unknown): AuditHead {
  if (isObject(json)) {
    const { count, hash } = json
    if (isSeconds(count) && typeof hash === 'string' && HASH.test(hash)) return { count, hash }
  }
  throw new FeedError('ERR_FEED_EVENT', 'a checkpoint is malformed')
}

export const HASH: RegExp = /^[A-Za-z0-9_-]{43}$/
