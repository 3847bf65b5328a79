// Follows the event stream: from a snapshot, and again from a snapshot whenever something may be missing.

import { FeedError } from '../errors.ts'
import { readEvents } from '../wire/event-stream.ts'
import { createBackoff } from './backoff.ts'
import type { Setting } from './setting.ts'
import { wait } from './timer.ts'

export interface Follower {
  start(): void
  /** Something is missing and the stream does not bring it: leaves the stream and takes a snapshot. */
  restart(): void
  done(): Promise<void>
}

/** A stream that lived this long was a good one: what comes after its end is a first try again. */
const GOOD_STREAM_SECONDS = 5

/** `onOpen` is called whenever a stream was opened. */
export function createFollower(setting: Setting, onOpen: () => void): Follower {
  const { authority, audience, replica, applied, clock, signal, report } = setting
  const backoff = createBackoff(setting.backoff)
  let running: Promise<void> | undefined
  let needsSnapshot = true
  let stream = new AbortController()

  async function takeSnapshot(): Promise<void> {
    const question = replica.ask()
    replica.applySnapshot(await authority.snapshot(audience, signal), question)
    needsSnapshot = false
  }

  /** Returns when the stream has ended or cannot go on. */
  async function followStream(): Promise<void> {
    const { position, view } = replica
    if (position === undefined) return
    const either = AbortSignal.any([signal, stream.signal])
    const body = await authority.events(audience, { position, view: view?.id }, either, applied())
    if (body === 'gone') {
      needsSnapshot = true
      return
    }
    onOpen()
    for await (const event of readEvents(body, either)) {
      if (replica.applyEvent(event) !== 'gap') continue
      needsSnapshot = true
      return
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const begin = clock.mark()
      stream = new AbortController()
      try {
        if (needsSnapshot) await takeSnapshot()
        await followStream()
      } catch (cause) {
        if (signal.aborted) return
        if (!stream.signal.aborted) report('the feed was interrupted', cause)
        needsSnapshot ||= isUnreadable(cause)
      }
      if (clock.elapsedSince(begin) >= GOOD_STREAM_SECONDS) backoff.reset()
      await wait(backoff.next(), signal)
    }
  }

  return {
    start() {
      running ??= run()
    },
    restart() {
      needsSnapshot = true
      stream.abort()
    },
    done: async () => running,
  }
}

/** What was sent and could not be read would be sent again; a snapshot steps over it. */
function isUnreadable(cause: unknown): boolean {
  return cause instanceof FeedError && cause.code !== 'ERR_FEED_FETCH' && cause.code !== 'ERR_FEED_REFUSED'
}
