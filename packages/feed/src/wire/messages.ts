// What the authority says, read strictly. Anything that does not read is refused whole: half an event is no event.

import { createLocalKeys, type JsonWebKeySet, parseStrictJson } from '@cardea/token'
import type { AuditHead } from '../audit/audit-entry.ts'
import { readHeadOf } from '../audit/checkpoint.ts'
import type { BundleAddress } from '../bundle/bundle.ts'
import { FeedError } from '../errors.ts'
import { type Position, readPosition } from '../position.ts'
import { readRevocation } from '../revocation/read-revocation.ts'
import type { Revocation } from '../revocation/revocation.ts'
import { type FeedView, readFeedView } from './feed-view.ts'
import { isObject, isSeconds, isText, type Json } from './json.ts'

/** `GET /v1/feed/snapshot`: everything at one position, in one consistent read. */
export interface Snapshot {
  readonly position: Position
  readonly view: FeedView
  readonly jwks: JsonWebKeySet
  /** `undefined` before the first publication. */
  readonly bundle: BundleAddress | undefined
  readonly revocations: readonly Revocation[]
  /** The newest of the audit; `undefined` before the first, and from an older authority. */
  readonly checkpoint: AuditHead | undefined
  /** The authority's clock, unix seconds. */
  readonly now: number
}

/** `GET /v1/feed/head`: how far the log has come, read after the request arrived. */
export interface Head {
  readonly position: Position
  /** The number of the last event at or before `position` in this guard's view; without it, `position` is one. */
  readonly prev: number
  /** Whose view: `FeedView.id`. */
  readonly view: string | undefined
  readonly now: number
}

/** One event of `GET /v1/feed/events`. `prev`: the number of the event before it in this view, or none. */
export type FeedEvent = { readonly position: Position; readonly prev: number | undefined } & FeedNews

export type FeedNews =
  | { readonly kind: 'revocation'; readonly revocation: Revocation }
  | { readonly kind: 'bundle'; readonly bundle: BundleAddress | undefined }
  | { readonly kind: 'keys'; readonly jwks: JsonWebKeySet }
  | { readonly kind: 'checkpoint'; readonly checkpoint: AuditHead }
  /** Of a kind that this version does not know: it may take something away, so the guard takes a snapshot. */
  | { readonly kind: 'unknown' }

export const MESSAGE_LIMITS = {
  snapshotBytes: 67_108_864,
  eventBytes: 1_048_576,
  headBytes: 4096,
} as const

/** Throws `ERR_FEED_EVENT`, `ERR_FEED_REVOCATION`, `ERR_FEED_POSITION`. */
export function readSnapshot(bytes: Uint8Array): Snapshot {
  const json = parse(bytes, MESSAGE_LIMITS.snapshotBytes, 4_000_000)
  if (!Array.isArray(json['revocations'])) throw malformed('a snapshot lacks `revocations`')
  return {
    position: readPosition(json['position']),
    view: readFeedView(json['view']),
    jwks: readKeys(json['jwks']),
    bundle: readAddress(json['bundle']),
    revocations: json['revocations'].map(readRevocation),
    checkpoint:
      json['checkpoint'] === undefined || json['checkpoint'] === null ? undefined : readHeadOf(json['checkpoint']),
    now: readTime(json['now']),
  }
}

/** Throws `ERR_FEED_EVENT`, `ERR_FEED_POSITION`. */
export function readHead(bytes: Uint8Array): Head {
  const json = parse(bytes, MESSAGE_LIMITS.headBytes, 32)
  const position = readPosition(json['position'])
  const prev = readPrevious(json, position) ?? (json['prev'] === null ? 0 : position.seq)
  const view = json['view'] ?? undefined
  if (view !== undefined && !isText(view)) throw malformed('a head does not say whose it is')
  return { position, prev, view, now: readTime(json['now']) }
}

/** Throws `ERR_FEED_EVENT`, `ERR_FEED_REVOCATION`, `ERR_FEED_POSITION`. */
export function readEvent(kind: string | undefined, data: string): FeedEvent {
  const json = parse(data, MESSAGE_LIMITS.eventBytes, 100_000)
  const position = readPosition(json['position'])
  const prev = readPrevious(json, position)
  if (prev === position.seq) throw malformed('an event follows itself')
  return { position, prev, ...readNews(kind, json) }
}

function readNews(kind: string | undefined, json: Json): FeedNews {
  switch (kind) {
    case 'revocation':
      return { kind, revocation: readRevocation(json['revocation']) }
    case 'bundle':
      return { kind, bundle: readAddress(json['bundle']) }
    case 'keys':
      return { kind, jwks: readKeys(json['jwks']) }
    case 'checkpoint':
      return { kind, checkpoint: readHeadOf(json['checkpoint']) }
    case undefined:
    default:
      return { kind: 'unknown' }
  }
}

function readAddress(json: unknown): BundleAddress | undefined {
  if (json === null) return undefined
  if (!isObject(json)) throw malformed('a bundle has no address')
  const { revision, digest } = json
  if (!isSeconds(revision) || typeof digest !== 'string' || !DIGEST.test(digest))
    throw malformed('a bundle has no address')
  return { revision, digest }
}

const DIGEST = /^[A-Za-z0-9_-]{43}$/

/** A set that no verifier would take is no news: the present one stays. */
function readKeys(json: unknown): JsonWebKeySet {
  if (!isKeySet(json)) throw malformed('a key set is malformed')
  try {
    createLocalKeys(json)
  } catch (cause) {
    throw new FeedError('ERR_FEED_EVENT', 'a key set is refused', { cause })
  }
  return json
}

/** The outside alone. */
function isKeySet(json: unknown): json is JsonWebKeySet {
  return isObject(json) && Array.isArray(json['keys']) && json['keys'].every(isObject)
}

function readPrevious(json: Json, position: Position): number | undefined {
  const { prev } = json
  if (prev === undefined || prev === null) return undefined
  if (!isSeconds(prev) || prev > position.seq) throw malformed('`prev` is no earlier number')
  return prev
}

function readTime(json: unknown): number {
  if (typeof json !== 'number' || !Number.isFinite(json) || json < 0) throw malformed('an answer lacks `now`')
  return json
}

function parse(text: string | Uint8Array, maxBytes: number, maxValues: number): Json {
  try {
    const json = parseStrictJson(text, { maxBytes, maxDepth: 16, maxValues })
    if (isObject(json)) return json
  } catch (cause) {
    throw new FeedError('ERR_FEED_EVENT', undefined, { cause })
  }
  throw malformed('what the authority said is no object')
}

function malformed(message: string): FeedError {
  return new FeedError('ERR_FEED_EVENT', message)
}
