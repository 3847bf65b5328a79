// What an entry costs a guard: read from the text of its event as the feed client reads it, then held.

import { randomUUID } from 'node:crypto'
import { createRevocations, readRevocation } from '@cardea/feed'
import { parseStrictJson } from '@cardea/token'
import { ISSUER } from '../authority/world.ts'
import { answerQuestions } from '../process.ts'

const KEYS = {
  session: () => ({ kind: 'session', sid: randomUUID() }),
  token: () => ({ kind: 'token', iss: ISSUER, jti: randomUUID() }),
  principal: () => ({ kind: 'principal', tenant: 'acme', sub: randomUUID() }),
}
export type EntryKind = keyof typeof KEYS

function held(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function eventText(kind: EntryKind, seq: number): string {
  const position = { epoch: 'MTIzNDU2Nzg5MDEy', seq }
  const revocation = {
    key: KEYS[kind](),
    at: position,
    revokedAtSeconds: 1_790_000_000,
    expiresAtSeconds: 1_790_000_360,
  }
  return JSON.stringify({ position, prev: seq - 1, revocation })
}

/** Bytes on and off the heap for each of so many entries. */
function entryBytes({ kind, count }: { readonly kind: EntryKind; readonly count: number }): number {
  const before = held()
  const revocations = createRevocations({ now: () => 1_790_000_000 })
  for (let seq = 1; seq <= count; seq += 1) {
    const event = parseStrictJson(eventText(kind, seq)) as { readonly revocation: unknown }
    revocations.add(readRevocation(event.revocation))
  }
  const bytes = (held() - before) / count
  if (revocations.size !== count) throw new Error(`${revocations.size} of ${count} entries are there`)
  return bytes
}

answerQuestions({ entryBytes }, async () => {})
