// A live stream of one document's events. It ends with the permission: `signal` fires at expiry, revocation or staleness.

import { Readable } from 'node:stream'
import { setInterval } from 'node:timers/promises'
import type { Authorized } from '@cardea/guard'
import type { FastifyReply } from 'fastify'
import type { Document } from '../access.ts'

const TICK_MILLISECONDS = 100

export function streamEvents(
  reply: FastifyReply,
  document: Authorized<'view', typeof Document>,
  signal: AbortSignal,
): FastifyReply {
  return reply.type('text/event-stream').send(Readable.from(ticks(document.id, signal)))
}

async function* ticks(id: string, signal: AbortSignal): AsyncGenerator<string> {
  yield `event: open\ndata: ${JSON.stringify({ document: id })}\n\n`
  try {
    for await (const _ of setInterval(TICK_MILLISECONDS, undefined, { signal })) yield 'event: tick\ndata: {}\n\n'
  } catch (error) {
    if (!signal.aborted) throw error
    yield `event: end\ndata: {}\n\n`
  }
}
