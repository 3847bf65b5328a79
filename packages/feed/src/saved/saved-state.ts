// What a guard keeps of the feed over a restart, as text: a line that says whose it is, a line with everything, then a line a change.
// Each line begins with a hash over itself and all before it, so that a line that was changed, left out or taken from another file is
// seen. INVARIANT: what a file says after its last whole line is unknown; a file that ends within a line is not started from.

import { createHash } from 'node:crypto'
import { createLocalKeys, type JsonWebKeySet, parseStrictJson } from '@cardea/token'
import type { AuditHead } from '../audit/audit-entry.ts'
import { readHeadOf } from '../audit/checkpoint.ts'
import { FeedError } from '../errors.ts'
import { type Position, readPosition } from '../position.ts'
import { readRevocation } from '../revocation/read-revocation.ts'
import type { Revocation } from '../revocation/revocation.ts'
import { type FeedView, readFeedView } from '../wire/feed-view.ts'
import { isObject, isSeconds, isText, isTexts, type Json } from '../wire/json.ts'

/** Whose state it is. Another guard, even of the same audience, has heard other things. */
export interface StateOwner {
  readonly authority: string
  readonly audience: string
  /** The guard's enrolled client. */
  readonly client: string
}

/** What holds after a line, whatever it says besides. */
export interface Standing {
  readonly position: Position
  /** The machine's clock and the authority's, unix seconds, when the line was written. */
  readonly wallSeconds: number
  readonly heardSeconds: number
  /** Since the proof; `undefined`: there is none, or the file does not hold the whole state, so that none can be begun with. */
  readonly ageSeconds: number | undefined
  readonly checkpoint: AuditHead | undefined
}

/** Everything, as the first line after the owner says it. */
export interface WholeState extends Standing {
  readonly view: FeedView
  /** Epochs that were left. */
  readonly left: readonly string[]
  readonly keys: JsonWebKeySet
  /** The signed text. */
  readonly bundle: string | undefined
  /** The highest revision that was applied; 0 before the first. */
  readonly revision: number
  readonly revocations: readonly Revocation[]
}

/** One change. */
export interface StateChange extends Standing {
  readonly revocation?: Revocation
  readonly keys?: JsonWebKeySet
}

export interface SavedState extends WholeState {
  /** The hash of the last line: the next one goes on from it. `undefined`: the file is damaged after what was read. */
  readonly lastHash: string | undefined
}

/** Lines that go on from one another. */
export interface StateLines {
  /** The next line, with its end. */
  print(content: WholeState | StateChange): string
}

/** What every state begins with, of whatever version. */
const KIND = 'cardea-state '
const MAGIC = `${KIND}2`
const NEWLINE = 0x0a
const HASH_CHARACTERS = 22
/** What a snapshot and a bundle may have together, and the lines after them as much again. */
export const MAX_STATE_BYTES = 201_326_592

/** The first line of a file, and what prints those after it. */
export function beginState(owner: StateOwner): { readonly first: string; readonly lines: StateLines } {
  const first = firstLine(owner)
  return { first: `${first}\n`, lines: stateLines(hashOf('', first)) }
}

/** Prints lines that go on from the one with this hash. */
export function stateLines(lastHash: string): StateLines {
  let hash = lastHash
  return {
    print(content) {
      const text = JSON.stringify(content)
      hash = hashOf(hash, text)
      return `${hash} ${text}\n`
    },
  }
}

/** Whether a file may be replaced: it is empty, or it is, or was to become, a state of some guard. */
export function isReplaceable(bytes: Uint8Array): boolean {
  const begin = Buffer.from(bytes.subarray(0, KIND.length)).toString('latin1')
  return KIND.startsWith(begin)
}

/**
 * What a file says, as far as its lines hold; `undefined` for an empty one. Throws `ERR_FEED_STATE` when not even the whole state
 * can be read, and `ERR_FEED_STATE_FOREIGN` when it is another guard's.
 */
export function readState(bytes: Uint8Array, owner: StateOwner): SavedState | undefined {
  if (bytes.length === 0) return undefined
  if (bytes.length > MAX_STATE_BYTES) throw new FeedError('ERR_FEED_STATE', 'the saved state is too large')
  const lines = splitLines(bytes)
  const first = lines.next()
  if (first.done === true || !first.value.startsWith(`${MAGIC} `)) throw new FeedError('ERR_FEED_STATE')
  if (first.value !== firstLine(owner)) throw new FeedError('ERR_FEED_STATE_FOREIGN')
  let hash: string | undefined = hashOf('', first.value)
  let state: WholeState | undefined
  let length = Buffer.byteLength(first.value) + 1
  const revocations: Revocation[] = []
  for (const line of lines) {
    const text = line.slice(HASH_CHARACTERS + 1)
    const next: string = hashOf(hash, text)
    if (line.slice(0, HASH_CHARACTERS + 1) !== `${next} `) break
    hash = next
    length += Buffer.byteLength(line) + 1
    const json = parse(text)
    state = state === undefined ? readWhole(json, revocations) : afterChange(state, json, revocations)
  }
  if (state === undefined) throw new FeedError('ERR_FEED_STATE')
  return { ...state, lastHash: length === bytes.length ? hash : undefined }
}

function firstLine({ authority, audience, client }: StateOwner): string {
  return `${MAGIC} ${JSON.stringify([authority, audience, client])}`
}

function hashOf(before: string, text: string): string {
  return createHash('sha256').update(`${before}\n${text}`).digest('base64url').slice(0, HASH_CHARACTERS)
}

/** Whole lines alone: what comes after the last line break is none. */
function* splitLines(bytes: Uint8Array): Generator<string, undefined> {
  let from = 0
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
    yield Buffer.from(bytes.subarray(from, end)).toString()
    from = end + 1
  }
}

function parse(text: string): Json {
  try {
    const json = parseStrictJson(text, { maxBytes: MAX_STATE_BYTES, maxDepth: 16, maxValues: 4_000_000 })
    if (isObject(json)) return json
  } catch (cause) {
    throw new FeedError('ERR_FEED_STATE', undefined, { cause })
  }
  throw new FeedError('ERR_FEED_STATE')
}

function readWhole(json: Json, revocations: Revocation[]): WholeState {
  const { left, bundle, revision } = json
  if (!isTexts(left) || !isSeconds(revision) || !Array.isArray(json['revocations']))
    throw new FeedError('ERR_FEED_STATE')
  if (bundle !== undefined && !isText(bundle)) throw new FeedError('ERR_FEED_STATE')
  for (const one of json['revocations']) revocations.push(readRevocation(one))
  return {
    ...readStanding(json),
    view: readView(json['view']),
    left,
    bundle,
    revision,
    keys: readKeys(json['keys']),
    revocations,
  }
}

function afterChange(state: WholeState, json: Json, revocations: Revocation[]): WholeState {
  if (json['revocation'] !== undefined) revocations.push(readRevocation(json['revocation']))
  const standing = readStanding(json)
  const { epoch } = state.position
  return {
    ...state,
    ...standing,
    left: epoch === standing.position.epoch ? state.left : [...state.left, epoch],
    keys: json['keys'] === undefined ? state.keys : readKeys(json['keys']),
  }
}

function readStanding(json: Json): Standing {
  const { wallSeconds, heardSeconds, ageSeconds, checkpoint } = json
  if (!isTime(wallSeconds) || !isTime(heardSeconds)) throw new FeedError('ERR_FEED_STATE')
  if (ageSeconds !== undefined && !isTime(ageSeconds)) throw new FeedError('ERR_FEED_STATE')
  return {
    position: readPosition(json['position']),
    wallSeconds,
    heardSeconds,
    ageSeconds,
    checkpoint: checkpoint === undefined ? undefined : readHeadOf(checkpoint),
  }
}

function readView(json: unknown): FeedView {
  try {
    return readFeedView(json)
  } catch (cause) {
    throw new FeedError('ERR_FEED_STATE', undefined, { cause })
  }
}

function readKeys(json: unknown): JsonWebKeySet {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key room reads every member itself
    const keys = json as JsonWebKeySet
    createLocalKeys(keys)
    return keys
  } catch (cause) {
    throw new FeedError('ERR_FEED_STATE', undefined, { cause })
  }
}

function isTime(json: unknown): json is number {
  return typeof json === 'number' && Number.isFinite(json) && json >= 0
}
