// The open event streams. A change is written to each as soon as it is committed; a reader that does not keep up is cut
// off, and comes back with a snapshot.

import { AuthorityError } from '../../errors.ts'
import type { Parts } from '../../parts.ts'
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
  readonly audience: string
  readonly epoch: string
  readonly after: number
  /** Ends the stream: the guard's token has expired or was revoked. It comes back with a new one, if it gets one. */
  readonly signal: AbortSignal
  /** Called once when the stream has ended; not when it could not be opened. */
  readonly onEnd?: () => void
}

interface Follower {
  /** Reads on from where it stands; called again while it reads, it reads once more after. */
  wake(): void
  heartbeat(): void
  end(): void
}

export function createStreams(parts: Parts): Streams {
  const { store, settings, log } = parts
  const followers = new Set<Follower>()
  let closed = false
  const forget = store.onChange(() => {
    for (const follower of followers) follower.wake()
  })
  const timer = setInterval(() => {
    for (const follower of followers) follower.heartbeat()
  }, HEARTBEAT_MILLISECONDS)
  timer.unref()

  return {
    async open({ audience, epoch, after, signal, onEnd }) {
      if (closed || followers.size >= settings.limits.streams) throw new AuthorityError('ERR_AUTHORITY_CLOSED')
      const [position, pruned] = await store.read(
        async (view) => [await view.position(), await view.prunedUpTo()] as const,
      )
      if (epoch !== position.epoch || after > position.seq || after < pruned) {
        throw new AuthorityError('ERR_AUTHORITY_FEED_GONE')
      }
      let follower: Follower | undefined
      return new ReadableStream<Uint8Array>(
        {
          start(controller) {
            const opened = follow(controller, audience, after, onEnd)
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

  /**
   * INVARIANT: events come from the store alone, in order, each once; a commit only says that there is something to read. So
   * there is no gap between what was stored before the stream opened and what comes after.
   */
  function follow(
    controller: ReadableStreamDefaultController<Uint8Array>,
    audience: string,
    after: number,
    onEnd: () => void = () => {},
  ): Follower {
    const encoder = new TextEncoder()
    let last = after
    let reading = false
    let again = false
    const send = (text: string): void => {
      if ((controller.desiredSize ?? 0) <= 0) throw new Error('the reader does not keep up')
      controller.enqueue(encoder.encode(text))
    }
    const readOn = async (): Promise<void> => {
      do {
        again = false
        const texts = await store.read(async (view) => {
          const changes = await view.changesAfter(last, CHANGES_A_READ)
          const formatted = []
          for (const change of changes) formatted.push(await formatEvent(view, change, audience, parts))
          again ||= changes.length === CHANGES_A_READ
          last = changes.at(-1)?.seq ?? last
          return formatted
        })
        for (const text of texts) send(text)
      } while (again && followers.has(follower))
    }
    const follower: Follower = {
      wake() {
        again = true
        if (reading) return
        reading = true
        readOn()
          .catch((error: unknown) => {
            log.warn({ err: error, audience }, 'an event stream was cut')
            follower.end()
          })
          .finally(() => {
            reading = false
            if (again && followers.has(follower)) follower.wake()
          })
      },
      heartbeat() {
        try {
          send(': \n\n')
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
    send(': open\n\n')
    follower.wake()
    return follower
  }
}
