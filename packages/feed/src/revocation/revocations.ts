// The revocations that can still touch a living token, held for look-ups on every request.
// INVARIANT: an entry touches a token iff `token.seq < entry.at.seq` in the same epoch. No clock is compared, so granting
// again works, and two things in one millisecond have an order. A foreign token has no number: it is touched iff it was
// issued no later than the second in which the revocation was made (`iat <= ceil(revokedAt)`).
// A token of another epoch is the guard's to refuse: see `FeedState.position`.

import type { RevocableGrant, RevocableToken, Touches } from './revocable.ts'
import type { Revocation } from './revocation.ts'
import { createShelf, type Shelf } from './shelf.ts'
import { PLAIN_NAMES, type SubjectNames } from './subject-names.ts'

export interface Revocations {
  /** Adds an entry. Of two with one key in one epoch the later one counts, and each as long as the longer lived. */
  add(revocation: Revocation): void
  /** The entry that takes the whole token away, if any. Constant time: a look-up a kind. */
  matchToken(token: RevocableToken): Revocation | undefined
  /** The entry that takes this grant out of the token, if any. */
  matchGrant(token: RevocableToken, grant: RevocableGrant): Revocation | undefined
  /** Whether any grant at all is revoked: when not, no grant need be looked up. */
  readonly hasGrants: boolean
  /** Entries, after those that were pruned. */
  readonly size: number
  /** Another number after every change: what was matched before need be matched again only when it differs. */
  readonly version: number
  /** The same of grants alone. */
  readonly grantVersion: number
  /** Forgets entries that can touch no living token any more; answers how many. */
  prune(): number
  /** Every entry, for a dump or a test. */
  list(): readonly Revocation[]
}

export interface RevocationsOptions {
  /** Unix seconds. */
  readonly now: () => number
  /** How entries name people. Default: as tokens do. */
  readonly names?: SubjectNames
}

export function createRevocations({ now, names = PLAIN_NAMES }: RevocationsOptions): Revocations {
  const shelves = new Map<string, Shelf>()
  let version = 0
  let grantVersion = 0
  const shelfOf = (epoch: string): Shelf => {
    let shelf = shelves.get(epoch)
    if (shelf === undefined) shelves.set(epoch, (shelf = createShelf(epoch, names)))
    return shelf
  }
  const size = (): number => sum(shelves, (shelf) => shelf.size)
  const grantCount = (): number => sum(shelves, (shelf) => shelf.grantCount)
  return {
    add(revocation) {
      if (revocation.expiresAtSeconds <= now()) return
      shelfOf(revocation.at.epoch).add(revocation)
      version += 1
      if (revocation.key.kind === 'grant') grantVersion += 1
    },
    matchToken(token) {
      return first(shelves, token, (shelf, touches) => shelf.findToken(token, touches))
    },
    matchGrant(token, grant) {
      if (grantCount() === 0) return undefined
      const grantee = names.granteeOf(grant.tenant, grant.grantee)
      return first(shelves, token, (shelf, touches) => shelf.findGrant(grantee, grant, touches))
    },
    get hasGrants() {
      return grantCount() > 0
    },
    get size() {
      return size()
    },
    get version() {
      return version
    },
    get grantVersion() {
      return grantVersion
    },
    prune() {
      const before = size()
      const grantsBefore = grantCount()
      const time = now()
      for (const [epoch, shelf] of shelves) {
        shelf.prune(time)
        if (shelf.size === 0) shelves.delete(epoch)
      }
      const removed = before - size()
      if (removed > 0) version += 1
      if (grantCount() !== grantsBefore) grantVersion += 1
      return removed
    },
    list: () => [...shelves.values()].flatMap((shelf) => shelf.list()),
  }
}

/** Numbered tokens meet the entries of their own epoch; foreign ones meet all. */
function first(
  shelves: ReadonlyMap<string, Shelf>,
  { claims: { seq, epoch, iat } }: RevocableToken,
  find: (shelf: Shelf, touches: Touches) => Revocation | undefined,
): Revocation | undefined {
  if (seq !== undefined && epoch !== undefined) {
    const shelf = shelves.get(epoch)
    return shelf === undefined ? undefined : find(shelf, (entrySeq) => seq < entrySeq)
  }
  for (const shelf of shelves.values()) {
    const found = find(shelf, (_, revokedAtSeconds) => iat <= Math.ceil(revokedAtSeconds))
    if (found !== undefined) return found
  }
  return undefined
}

function sum(shelves: ReadonlyMap<string, Shelf>, count: (shelf: Shelf) => number): number {
  let total = 0
  for (const shelf of shelves.values()) total += count(shelf)
  return total
}
