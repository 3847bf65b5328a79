// Server-sent events from a byte stream, one after the other. A comment (a heartbeat) proves nothing and is dropped.

import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { FeedError } from '../errors.ts'
import { type FeedEvent, MESSAGE_LIMITS, readEvent } from './messages.ts'

/**
 * Ends when the stream does, or when the signal fires, even if whoever made the stream does not heed it.
 * Throws `ERR_FEED_LIMIT`, what `readEvent` throws, or the stream's own error; the stream is cancelled in every case.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<FeedEvent, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const waiting: EventSourceMessage[] = []
  const parser = createParser({
    onEvent: (message) => waiting.push(message),
    onError: (cause) => {
      if (cause.type === 'max-buffer-size-exceeded') throw new FeedError('ERR_FEED_LIMIT', undefined, { cause })
    },
    maxBufferSize: MESSAGE_LIMITS.eventBytes,
  })
  const reader = body.getReader()
  const cancel = (): void => void reader.cancel().catch(() => undefined)
  signal.addEventListener('abort', cancel, { once: true })
  try {
    for (let part = await reader.read(); !part.done && !signal.aborted; part = await reader.read()) {
      parser.feed(decoder.decode(part.value, { stream: true }))
      for (let message = waiting.shift(); message !== undefined; message = waiting.shift()) {
        yield readEvent(message.event, message.data)
      }
    }
  } finally {
    signal.removeEventListener('abort', cancel)
    cancel()
  }
}
