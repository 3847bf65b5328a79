// The open event streams. A change is written to each as soon as it is committed; a reader that does not keep up is cut
// off, and comes back with a snapshot.

import { createSubjectNames } from '@cardea/feed'
import { AuthorityError } from '../../errors.ts'
import type { Parts } from '../../parts.ts'
import { isInScope, lastInScope, type Scope } from './scope.ts'
import { formatEvent } from './view.ts'

const HEARTBEAT_MILLISECONDS = 15_000
const CHANGES_A_READ = 1000
/** Events that may wait in one stream. */
const MAX_WAITING = 1000

export interface Streams {
  /** Errors: `ERR_AUTHORITY_FEED_GONE`, `ERR_AUTHORITY_CLOSED`. */
  open(from: StreamStart): Promise<ReadableStream<Uint8Array>>
  /** Ends every stream, so that guards go to another authority or wait for this one. */
  close(): void
}

interface StreamStart {
  readonly scope: Scope
  readonly epoch: string
  readonly after: number
  /** Ends the stream: the guard's token has expired or was revoked. It comes back with a new one, if it gets one. */
  readonly signal: AbortSignal
  /** Called once when the stream has ended; not when it could not be opened. */
  readonly onEnd?: () => void
}

/** How far a stream has come. */
interface Progress {
  /** The number of the last change that was looked at for it. */
  readonly last: number
  /** The number of the last event that there is for it. */
  readonly prev: number
}

interface Follower {
  readonly scope: Scope
  progress: Progress
  /** Writes what the store said, if the stream is open still and its reader keeps up; otherwise it ends. */
  write(events: readonly Uint8Array[], progress: Progress): void
  heartbeat(): void
  end(): void
}

const encoder = new TextEncoder()
const HEARTBEAT = encoder.encode(': \n\n')
const OPENED = encoder.encode(': open\n\n')

export function createStreams(parts: Parts): Streams {
  const { store, settings, log } = parts
  const followers = new Set<Follower>()
  let closed = false
  let reading = false
  let again = false
  const forget = store.onChange(wake)
  const timer = setInterval(() => {
    for (const follower of followers) follower.heartbeat()
  }, HEARTBEAT_MILLISECONDS)
  timer.unref()

  /** There may be something to read: now, or once more after what is being read. */
  function wake(): void {
    again = true
    if (reading) return
    reading = true
    void readOn().finally(() => {
      reading = false
      if (again) wake()
    })
  }

  async function readOn(): Promise<void> {
    while (again) {
      again = false
      const groups = Map.groupBy(followers, ({ scope: { audience, id = '' }, progress: { last, prev } }) =>
        JSON.stringify([last, prev, id, audience]),
      )
      for (const group of groups.values()) await readFor(group)
    }
  }

  /**
   * Reads once for all who stand at one place, which most do. INVARIANT: events come from the store alone, in order, each once; a
   * commit only says that there is something to read. So there is no gap between what was stored before a stream opened and
   * what comes after.
   */
  async function readFor(group: readonly Follower[]): Promise<void> {
    const [first] = group
    if (first === undefined) return
    const { scope, progress } = first
    const { audience } = scope
    try {
      const events: Uint8Array[] = []
      let { prev } = progress
      const changes = await store.read(async (view) => {
        const read = await view.changesAfter(progress.last, CHANGES_A_READ)
        const own = read.filter(({ change }) => isInScope(change, scope))
        const subjectKey = own.length === 0 ? '' : await view.subjectKey()
        const names = createSubjectNames(() => subjectKey)
        for (const change of own) {
          events.push(encoder.encode(await formatEvent(change, prev, { view, audience, names, parts })))
          prev = change.seq
        }
        return read
      })
      again ||= changes.length === CHANGES_A_READ
      const last = changes.at(-1)?.seq ?? progress.last
      for (const follower of group) follower.write(events, { last, prev })
    } catch (error) {
      log.warn({ err: error, audience }, 'event streams were cut')
      for (const follower of group) follower.end()
    }
  }

  return {
    async open({ scope, epoch, after, signal, onEnd }) {
      if (closed || followers.size >= settings.limits.streams) throw new AuthorityError('ERR_AUTHORITY_CLOSED')
      const [position, pruned, prev] = await store.read(
        async (view) =>
          [await view.position(), await view.prunedUpTo(), await lastInScope(view, after, scope)] as const,
      )
      if (epoch !== position.epoch || after > position.seq || after < pruned) {
        throw new AuthorityError('ERR_AUTHORITY_FEED_GONE')
      }
      let follower: Follower | undefined
      return new ReadableStream<Uint8Array>(
        {
          start(controller) {
            const opened = follow(controller, scope, { last: after, prev }, onEnd)
            follower = opened
            // it may have ended while the store was read
            if (signal.aborted) opened.end()
            else signal.addEventListener('abort', () => opened.end(), { once: true })
          },
          cancel: () => follower?.end(),
        },
        new CountQueuingStrategy({ highWaterMark: MAX_WAITING }),
      )
    },
    close() {
      closed = true
      forget()
      clearInterval(timer)
      for (const follower of followers) follower.end()
    },
  }

  function follow(
    controller: ReadableStreamDefaultController<Uint8Array>,
    scope: Scope,
    from: Progress,
    onEnd: () => void = () => {},
  ): Follower {
    const send = (bytes: Uint8Array): void => {
      if ((controller.desiredSize ?? 0) <= 0) throw new Error('the reader does not keep up')
      controller.enqueue(bytes)
    }
    const follower: Follower = {
      scope,
      progress: from,
      write(events, progress) {
        if (!followers.has(follower)) return
        follower.progress = progress
        try {
          for (const event of events) send(event)
        } catch (error) {
          log.warn({ err: error, audience: scope.audience }, 'an event stream was cut')
          follower.end()
        }
      },
      heartbeat() {
        try {
          send(HEARTBEAT)
        } catch {
          follower.end()
        }
      },
      end() {
        if (!followers.delete(follower)) return
        onEnd()
        try {
          controller.close()
        } catch {
          // the reader has gone already
        }
      },
    }
    followers.add(follower)
    send(OPENED)
    wake()
    return follower
  }
}
