// The guards that were heard of within the last hour, and what each said that it has applied. In memory: after a start of the authority
// each guard is back with its next question. Bounded; a client that invents starts pushes out its own.
// INVARIANT: who a guard is comes from its token; only what it has applied comes from the request, and nothing is decided by it.

import type { Applied, Position } from '@cardea/feed'

/** How long a guard is remembered that is not heard of any more. */
const REMEMBERED_SECONDS = 3600

export interface FollowerName {
  /** The enrolled client. */
  readonly client: string
  readonly audience: string
  /** Of the connection: of a proxy, where one stands in between. */
  readonly address: string | undefined
}

/** One start of a guard, following one audience. */
export interface SeenFollower extends FollowerName {
  /** `undefined` for a guard of an older release, which says nothing of itself. */
  readonly applied: Applied | undefined
  readonly connected: boolean
  /** Unix seconds. */
  readonly seenAtSeconds: number
}

export interface Fleet {
  /** A question has come in; `head` is what it was answered with. What cannot be is not kept. */
  report(name: FollowerName, applied: Applied, head: Position): void
  /** An event stream has opened. Returns what to call when it ends; once counts. */
  connect(name: FollowerName, applied: Applied | undefined): () => void
  /** By client, start and audience. */
  list(): readonly SeenFollower[]
}

export interface FleetOptions {
  readonly now: () => number
  readonly maxFollowers: number
}

interface Follower {
  name: FollowerName
  applied: Applied | undefined
  streams: number
  seenAtSeconds: number
}

export function createFleet({ now, maxFollowers }: FleetOptions): Fleet {
  // in the order in which they were last heard of
  const followers = new Map<string, Follower>()

  function hear(name: FollowerName, applied: Applied | undefined): Follower {
    const key = JSON.stringify([name.client, applied?.start ?? '', name.audience])
    const known = followers.get(key)
    followers.delete(key)
    if (known === undefined) makeRoom(name.client)
    const follower = known ?? { name, applied, streams: 0, seenAtSeconds: 0 }
    follower.name = name
    follower.applied = applied
    follower.seenAtSeconds = now()
    followers.set(key, follower)
    return follower
  }

  function makeRoom(client: string): void {
    forgetOld()
    if (followers.size < maxFollowers) return
    const keys = [...followers].filter(([, { name }]) => name.client === client).map(([key]) => key)
    const oldest = keys[0] ?? followers.keys().next().value
    if (oldest !== undefined) followers.delete(oldest)
  }

  function forgetOld(): void {
    const before = now() - REMEMBERED_SECONDS
    for (const [key, { streams, seenAtSeconds }] of followers) {
      if (streams === 0 && seenAtSeconds < before) followers.delete(key)
    }
  }

  return {
    report(name, applied, head) {
      const { position } = applied
      // nobody can be ahead of the log
      if (position?.epoch === head.epoch && position.seq > head.seq) return
      hear(name, applied)
    },
    connect(name, applied) {
      const follower = hear(name, applied)
      follower.streams += 1
      let open = true
      return () => {
        if (!open) return
        open = false
        follower.streams -= 1
        follower.seenAtSeconds = now()
      }
    },
    list() {
      forgetOld()
      return [...followers]
        .toSorted(([left], [right]) => (left < right ? -1 : 1))
        .map(([, { name, applied, streams, seenAtSeconds }]) => ({
          ...name,
          applied,
          connected: streams > 0,
          seenAtSeconds,
        }))
    },
  }
}
