// One record of the audit in its chain. Each hash covers the one before it and the whole record, so that nothing can be changed, left out or put in
// without changing every hash that follows. Of what is personal it covers a salted hash: the content and the salt can be erased, and the
// chain still verifies.

import { createHash, randomBytes } from 'node:crypto'
import { canonicalJson } from '../bundle/canonical-json.ts'
import { FeedError } from '../errors.ts'
import { isObject, isSeconds, type Json } from '../wire/json.ts'

export interface AuditEntry {
  /** Counts up by one from 1 over all records of a database. */
  readonly count: number
  /** When it was kept, by the authority's clock. */
  readonly keptAtSeconds: number
  /** Who sent it, as the authority knows it. */
  readonly sender: string
  /** The decision record. A personal member is whole, or its commitment after it was erased. */
  readonly record: Json
  /** 128 random bits, base64url; `undefined` once the personal members are erased. */
  readonly salt: string | undefined
}

/** An entry with its place in the chain. */
export interface ChainedEntry extends AuditEntry {
  /** SHA-256, base64url. */
  readonly hash: string
}

/** The end of a chain: how many records there are, and the hash of the last. */
export interface AuditHead {
  readonly count: number
  readonly hash: string
}

/** Before the first record. */
export const NO_RECORDS: AuditHead = { count: 0, hash: '' }

/** The members of a record that say something of a person. */
const PERSONAL: readonly string[] = ['principal', 'resource', 'sid', 'tokenId']

const SALT_BYTES = 16

/** The entry that follows `head`. */
export function chainEntry(head: AuditHead, entry: Omit<AuditEntry, 'count' | 'salt'>): ChainedEntry {
  const salt = randomBytes(SALT_BYTES).toString('base64url')
  const chained = { ...entry, count: head.count + 1, salt }
  return { ...chained, hash: hashEntry(head.hash, chained) }
}

/** Throws `ERR_FEED_AUDIT` for a personal member that is neither whole with its salt nor erased. */
export function hashEntry(previous: string, { count, keptAtSeconds, sender, record, salt }: AuditEntry): string {
  const covered = mapPersonal(record, (name, value) => commitmentOf(name, value, salt))
  return sha256(canonicalJson([previous, count, keptAtSeconds, sender, covered]))
}

/** The same entry without what is personal in it: it hashes to the same. Throws `ERR_FEED_AUDIT`. */
export function eraseEntry<Entry extends AuditEntry>(entry: Entry): Entry {
  const { record, salt } = entry
  const erased = mapPersonal(record, (name, value) => ({ erased: commitmentOf(name, value, salt) }))
  return { ...entry, record: erased, salt: undefined }
}

/** What an erased member is shown as. */
export function isErased(value: unknown): boolean {
  return isObject(value) && typeof value['erased'] === 'string'
}

function mapPersonal(record: Json, map: (name: string, value: unknown) => unknown): Json {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, PERSONAL.includes(name) ? map(name, value) : value]),
  )
}

/** With the salt gone, a guess at the value cannot be tested. */
function commitmentOf(name: string, value: unknown, salt: string | undefined): string {
  if (isObject(value) && typeof value['erased'] === 'string') return value['erased']
  if (salt === undefined || typeof value !== 'string') {
    throw new FeedError('ERR_FEED_AUDIT', 'a personal member is neither whole nor erased')
  }
  return sha256(canonicalJson([salt, name, value]))
}

/** Strictly. Throws `ERR_FEED_AUDIT`. */
export function readChainedEntry(json: Json): ChainedEntry {
  const { count, keptAtSeconds, sender, record, salt, hash } = json
  const isRead = isSeconds(count) && isSeconds(keptAtSeconds) && typeof sender === 'string' && isObject(record)
  if (!isRead || typeof hash !== 'string' || (typeof salt !== 'string' && salt !== undefined && salt !== null)) {
    throw new FeedError('ERR_FEED_AUDIT', 'a record does not have the form of one')
  }
  return { count, keptAtSeconds, sender, record, salt: salt ?? undefined, hash }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
